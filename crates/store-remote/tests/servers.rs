//! The store on real servers, whose addresses are in `SUANZI_TEST_DATABASES`: without a database, of users who may create
//! some. `make test-db` starts throw-away ones.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use suanzi_store::conformance::{self, scene};
use suanzi_store::*;
use suanzi_store_remote::{Access, DatabaseUrl, RemoteStore, Server, migrate_some};

/// A server to test on, as whoever may create databases there.
struct Host {
    base: String,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

fn hosts() -> Vec<Host> {
    let set = std::env::var("SUANZI_TEST_DATABASES").expect("SUANZI_TEST_DATABASES is set: use `make test-db`");
    let hosts: Vec<Host> = set.split_whitespace().map(|base| Host { base: base.to_string() }).collect();
    assert!(!hosts.is_empty(), "SUANZI_TEST_DATABASES names a server");
    hosts
}

impl Host {
    fn is_mysql(&self) -> bool {
        self.base.starts_with("mysql")
    }

    /// Statements as its administrator, in `database` or in the one that is always there.
    fn run(&self, database: Option<&str>, statements: &str) {
        if self.is_mysql() {
            use mysql::prelude::Queryable;
            let url = format!("{}/{}?prefer_socket=false", self.base, database.unwrap_or("mysql"));
            let mut connection = mysql::Conn::new(url.as_str()).expect("the test's administrator connects");
            for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
                connection.query_drop(statement).expect("the statement runs");
            }
        } else {
            let url = format!("{}/{}", self.base, database.unwrap_or("postgres"));
            let mut client =
                postgres::Client::connect(&url, postgres::NoTls).expect("the test's administrator connects");
            for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
                client.batch_execute(statement).expect("the statement runs");
            }
        }
    }

    /// A new database that goes with its name. For `test` processes that run at once the process id is in the name.
    fn database(&self) -> Scratch<'_> {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("suanzi_test_{}_{number}", std::process::id());
        let encoding = if self.is_mysql() { "" } else { " ENCODING 'UTF8' TEMPLATE template0" };
        self.run(None, &format!("CREATE DATABASE {name}{encoding}"));
        Scratch { host: self, name }
    }
}

struct Scratch<'h> {
    host: &'h Host,
    name: String,
}

impl Scratch<'_> {
    fn server(&self) -> Server {
        server(&format!("{}/{}", self.host.base, self.name))
    }

    fn open(&self, access: Access) -> Result<RemoteStore> {
        RemoteStore::open(&self.server(), access)
    }

    fn owner(&self) -> RemoteStore {
        self.open(Access::Owner).expect("the database opens")
    }

    fn run(&self, statements: &str) {
        self.host.run(Some(&self.name), statements);
    }

    /// Ends every connection to it but the caller's.
    fn cut_connections(&self) {
        if self.host.is_mysql() {
            use mysql::prelude::Queryable;
            let url = format!("{}/mysql?prefer_socket=false", self.host.base);
            let mut connection = mysql::Conn::new(url.as_str()).unwrap();
            let sql = format!("SELECT id FROM information_schema.processlist WHERE db = '{}'", self.name);
            for id in connection.query::<u64, _>(sql).unwrap() {
                connection.query_drop(format!("KILL {id}")).unwrap();
            }
        } else {
            let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name);
            self.host.run(None, &sql);
        }
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        let force = if self.host.is_mysql() { "" } else { " WITH (FORCE)" };
        if !std::thread::panicking() {
            self.host.run(None, &format!("DROP DATABASE {}{force}", self.name));
        }
    }
}

fn server(url: &str) -> Server {
    match url.parse() {
        Ok(DatabaseUrl::Server(server)) => server,
        other => panic!("{other:?}"),
    }
}

fn refusal(opened: Result<RemoteStore>) -> String {
    let error = opened.err().expect("it is refused").to_string();
    assert!(!error.contains('\n') && !error.contains("secret"), "one line without a password: {error}");
    error
}

#[test]
fn every_server_conforms() {
    for host in hosts() {
        println!("{}", if host.is_mysql() { "MySQL" } else { "PostgreSQL" });
        let kept = RefCell::new(Vec::new());
        conformance::run_all(&|| {
            let database = host.database();
            let store = database.owner();
            kept.borrow_mut().push(database);
            Box::new(store)
        });
    }
}

#[test]
fn a_migration_killed_at_each_statement_is_run_again() {
    for host in hosts() {
        let whole = host.database();
        let statements = migrate_some(&whole.server(), usize::MAX).unwrap();
        assert!(statements > 30, "the schema has {statements} statements");
        assert_eq!(migrate_some(&whole.server(), usize::MAX).unwrap(), 0, "there is nothing left to do");
        for killed_at in 0..statements {
            let database = host.database();
            assert_eq!(migrate_some(&database.server(), killed_at).unwrap(), killed_at);
            scene::new_run(&database.owner(), "r");
        }
    }
}

#[test]
fn two_processes_migrate_at_once() {
    for host in hosts() {
        for _ in 0..3 {
            let database = host.database();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| database.open(Access::Writer).expect("each of them gets on"));
                }
            });
            scene::new_run(&database.owner(), "r");
        }
    }
}

#[test]
fn one_owner_beside_writers_and_readers() {
    for host in hosts() {
        let database = host.database();
        let owner = database.owner();
        assert!(refusal(database.open(Access::Owner)).contains("another Suanzi owns this database"));
        let writer = database.open(Access::Writer).unwrap();
        let run = scene::new_run(&writer, "r");
        let reader = database.open(Access::Reader).unwrap();
        assert_eq!(reader.run(run).unwrap().unwrap().run_id, "r");
        assert!(reader.request_cancel(run).unwrap_err().to_string().contains("for reading only"));
        drop(owner);
        database.owner();
    }
}

#[test]
fn a_cut_connection_is_made_again_and_the_database_stays_owned() {
    for host in hosts() {
        let database = host.database();
        let owner = database.owner();
        let run = scene::new_run(&owner, "r");
        assert!(owner.run(run).unwrap().is_some());
        database.cut_connections();
        assert!(owner.run(run).unwrap().is_some());
        owner.request_cancel(run).unwrap();
        assert!(owner.run(run).unwrap().unwrap().cancel_requested);
        assert!(refusal(database.open(Access::Owner)).contains("another Suanzi owns this database"));
    }
}

/// The row's lock is held by another session meanwhile, so both wait for it, and the fence judges whoever comes second.
#[test]
fn an_owner_that_lost_its_run_while_it_waited_is_refused() {
    for host in hosts() {
        let database = host.database();
        let (old, new) = (database.open(Access::Writer).unwrap(), database.open(Access::Writer).unwrap());
        for round in 0..20 {
            let run = scene::new_run(&old, &format!("r{round}"));
            let together = std::sync::Barrier::new(2);
            let (outcome, claimed) = std::thread::scope(|scope| {
                let write = scope.spawn(|| {
                    together.wait();
                    let records = vec![scene::dispatched(run, 0, 1, 1)];
                    old.apply(&scene::batch(scene::OWNER, &[(run, 1)], records)).unwrap()
                });
                let claim = scope.spawn(|| {
                    together.wait();
                    new.claim_runs("owner-2", Some(run)).unwrap()
                });
                (write.join().unwrap(), claim.join().unwrap())
            });
            assert_eq!(claimed[0].owner_epoch, 2);
            let written = new.tasks(run).unwrap().len();
            assert_eq!(written, usize::from(outcome.refused.is_empty()), "told and written agree");
            let late = old.apply(&scene::batch(scene::OWNER, &[(run, 1)], vec![scene::dispatched(run, 1, 1, 2)]));
            assert_eq!(late.unwrap().refused, [run]);
        }
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    for host in hosts() {
        let database = host.database();
        let place = host.base.rsplit_once('@').unwrap().1;
        let (scheme, rest) = host.base.split_once("://").unwrap();
        let user = rest.split_once(':').unwrap().0;
        let password = refusal(RemoteStore::open(
            &server(&format!("{scheme}://{user}:secret@{place}/{}", database.name)),
            Access::Owner,
        ));
        assert!(password.contains("refuses this user and password"), "{password}");
        let absent = refusal(RemoteStore::open(&server(&format!("{}/nowhere", host.base)), Access::Owner));
        assert!(absent.contains("there is no such database"), "{absent}");
        let silent = refusal(RemoteStore::open(&server(&format!("{scheme}://u:secret@127.0.0.1:1/d")), Access::Owner));
        assert!(silent.contains("can't be reached"), "{silent}");
        let unknown = refusal(RemoteStore::open(&server(&format!("{scheme}://u:secret@no.invalid/d")), Access::Owner));
        assert!(unknown.contains("can't be reached"), "{unknown}");
    }
}

#[test]
fn unsafe_settings_and_newer_schemas_are_refused() {
    for host in hosts() {
        let database = host.database();
        drop(database.owner());
        let (name, spoil, mend) = match host.is_mysql() {
            true => (
                "innodb_flush_log_at_trx_commit",
                "SET GLOBAL innodb_flush_log_at_trx_commit = 2",
                "SET GLOBAL innodb_flush_log_at_trx_commit = 1",
            ),
            false => (
                "fsync",
                "ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf(); SELECT pg_sleep(1)",
                "ALTER SYSTEM RESET fsync; SELECT pg_reload_conf(); SELECT pg_sleep(1)",
            ),
        };
        host.run(None, spoil);
        let refused = database.open(Access::Owner);
        host.run(None, mend);
        assert!(refusal(refused).contains(name));
        database.run("INSERT INTO schema_migrations VALUES (99, 'of tomorrow', 'then')");
        for access in [Access::Owner, Access::Reader] {
            let newer = refusal(database.open(access));
            assert!(newer.contains("written by a newer Suanzi (schema 99"), "{newer}");
        }
    }
}
