#!/usr/bin/env bash
# Starts a MariaDB and a PostgreSQL of Debian's on loopback, with data in a temporary directory and on free ports, runs
# the command given with their addresses in SUANZI_TEST_DATABASES, and stops them.
set -euo pipefail

die() { echo "error: $*" >&2; exit 2; }

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }

if ! command -v mariadbd >/dev/null || [ -z "$(postgres_bin)" ]; then
  [ "$(id -u)" = 0 ] || die "mariadb-server and postgresql aren't installed, and only root may install them"
  command -v apt-get >/dev/null || die "mariadb-server and postgresql aren't installed, and there is no apt-get to do it"
  echo "installing mariadb-server and postgresql"
  # RUNLEVEL: what is installed for these tests is not started for the whole host.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends mariadb-server postgresql; } >/dev/null \
    || die "mariadb-server and postgresql can't be installed"
fi
bin=$(postgres_bin)

dir=$(mktemp -d)
chmod 755 "$dir"
pids=()
stop() {
  # INT: PostgreSQL would wait for its clients at TERM, and MariaDB takes no notice of INT.
  for pid in "${pids[@]}"; do kill -INT "$pid" 2>/dev/null || true; kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
password=$(python3 -c 'import secrets; print(secrets.token_hex(8))')

# The servers refuse to run as root.
as_mysql=() as_postgres=()
if [ "$(id -u)" = 0 ]; then
  as_mysql=(--user=mysql)
  as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi

mkdir "$dir/mysql" "$dir/postgres"
[ "$(id -u)" != 0 ] || { chown mysql "$dir/mysql"; chown postgres "$dir/postgres"; }

mysql_port=$(free_port)
mariadb-install-db --no-defaults "${as_mysql[@]}" --datadir="$dir/mysql/data" \
  --auth-root-authentication-method=normal --skip-test-db >"$dir/mysql.log" 2>&1 || { cat "$dir/mysql.log" >&2; die "MariaDB can't make its data"; }
cat >"$dir/init.sql" <<SQL
CREATE USER 'suanzi'@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO 'suanzi'@'127.0.0.1' WITH GRANT OPTION;
SQL
chmod 644 "$dir/init.sql"
mariadbd --no-defaults "${as_mysql[@]}" --datadir="$dir/mysql/data" --bind-address=127.0.0.1 --port="$mysql_port" \
  --socket="$dir/mysql/s.sock" --pid-file="$dir/mysql/pid" --init-file="$dir/init.sql" --skip-name-resolve \
  ${SUANZI_TEST_MARIADB_OPTIONS:-} >>"$dir/mysql.log" 2>&1 &
pids+=($!)

postgres_port=$(free_port)
printf '%s' "$password" >"$dir/password"
chmod 644 "$dir/password"
"${as_postgres[@]}" "$bin/initdb" -D "$dir/postgres/data" -U suanzi --pwfile="$dir/password" -A scram-sha-256 -E UTF8 \
  --locale=C.UTF-8 >"$dir/postgres.log" 2>&1 || { cat "$dir/postgres.log" >&2; die "PostgreSQL can't make its data"; }
"${as_postgres[@]}" "$bin/postgres" -D "$dir/postgres/data" -h 127.0.0.1 -p "$postgres_port" -k "$dir/postgres" \
  >>"$dir/postgres.log" 2>&1 &
pids+=($!)

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
for server in "mysql $mysql_port" "postgres $postgres_port"; do
  read -r name port <<<"$server"
  for _ in $(seq 200); do answers "$port" && break; sleep 0.1; done
  answers "$port" || { tail -20 "$dir/$name.log" >&2; die "the $name server didn't come up"; }
done
# MariaDB listens before its first statements have run.
for _ in $(seq 100); do
  mariadb --no-defaults -h 127.0.0.1 -P "$mysql_port" -u suanzi -p"$password" -e 'SELECT 1' >/dev/null 2>&1 && break
  sleep 0.1
done
for _ in $(seq 100); do
  PGPASSWORD=$password "$bin/psql" -h 127.0.0.1 -p "$postgres_port" -U suanzi -d postgres -c 'SELECT 1' >/dev/null 2>&1 && break
  sleep 0.1
done

echo "MariaDB $(mariadbd --no-defaults --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1) and $("$bin/postgres" --version)"
export SUANZI_TEST_DATABASES="mysql://suanzi:$password@127.0.0.1:$mysql_port postgres://suanzi:$password@127.0.0.1:$postgres_port"
"$@"
