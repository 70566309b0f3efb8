//! A campaign: runs of one home, each killed several times and taken up again until it ends.

use super::database::Database;
use super::dice::Dice;
use super::fail_point::FailPoint;
use super::life::{Heard, Life};
use super::run_rows::RunRows;
use super::scene::{MAX_SLEEP_MS, OPERATORS, Scene};
use super::verdict::{self, Ledger};
use super::{processes, python, run_rows, takeover};
use rustix::process::Signal;
use std::ops::Range;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// An engine that runs operators of 20 ms and has no news for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// A task that was lost more than ten times with its engine fails: fewer kills than that per run.
const MAX_KILLS_PER_RUN: u64 = 7;
/// A fail point that is passed less often than once in so many runs isn't there.
const MAX_RUNS_PER_KILL: u64 = 8;
const KILL_AFTER: [Range<u64>; 2] = [0..OPERATORS as u64 / 2, 0..OPERATORS as u64 / 4];
const TAKEOVER_ONE_OF: u64 = 8;
/// So many operators at most succeed under the new owner before the old one goes on.
const MAX_HEADSTART: u64 = 6;
/// After the operator that a kill waits for, at most so long.
const MAX_DELAY_US: u64 = 20_000;

pub struct Campaign {
    /// The program to kill.
    pub program: PathBuf,
    /// `SUANZI_DEFECT` for it.
    pub defect: Option<String>,
    pub seed: u64,
    pub kills: u64,
    pub patience: Duration,
    /// Of so many interrupted lives one is a takeover: the engine stands still instead of being killed, another takes its run, and then it goes on.
    pub takeover_one_of: u64,
    /// Kills hit here instead of at random, until there are enough of them.
    pub fail_point: Option<FailPoint>,
    /// Operators work so long at most.
    pub max_sleep_ms: u64,
    /// A kill waits for so many operators of a new run, and of one that is taken up again; none hits starts.
    pub kill_after: [Range<u64>; 2],
    /// Where state is kept instead of in the home: an empty one.
    pub database: Option<Database>,
}

/// What a campaign did.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub kills: u64,
    pub kills_in_flight: u64,
    /// Kills of engines by their fail point.
    pub kills_at_point: u64,
    /// Engines that went on after another had taken their run.
    pub takeovers: u64,
    pub runs: u64,
    pub executions: u64,
    pub acknowledged: u64,
    /// The most processes of one engine seen at a kill, itself included: a search that never finds any proves nothing.
    pub most_processes: usize,
    pub slowest_exit: Duration,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.kills += other.kills;
        self.kills_in_flight += other.kills_in_flight;
        self.kills_at_point += other.kills_at_point;
        self.takeovers += other.takeovers;
        self.runs += other.runs;
        self.executions += other.executions;
        self.acknowledged += other.acknowledged;
        self.most_processes = self.most_processes.max(other.most_processes);
        self.slowest_exit = self.slowest_exit.max(other.slowest_exit);
    }
}

struct Stage<'a> {
    campaign: &'a Campaign,
    /// Holds everything; its name in the environment marks what the engine started.
    dir: PathBuf,
    home: PathBuf,
    database: Database,
    python: PathBuf,
    scene: Scene,
    dice: Dice,
    /// Published tables with the operators that made them.
    tables: Vec<(PathBuf, String)>,
    tally: Tally,
}

impl Campaign {
    pub fn new(program: PathBuf, seed: u64, kills: u64) -> Campaign {
        Campaign {
            program,
            defect: None,
            seed,
            kills,
            patience: PATIENCE,
            takeover_one_of: TAKEOVER_ONE_OF,
            fail_point: None,
            max_sleep_ms: MAX_SLEEP_MS,
            kill_after: KILL_AFTER,
            database: None,
        }
    }

    /// Kills until there have been enough kills; every promise is judged on the way.
    pub fn wage(&self) -> Result<Tally, String> {
        let dir = TempDir::with_prefix("suanzi-kill-").map_err(|e| e.to_string())?;
        let mut dice = Dice::new(self.seed);
        let scene = Scene::write(dir.path(), &mut dice, self.max_sleep_ms);
        let python = python::quick(dir.path());
        let home = dir.path().join("home");
        let mut stage = Stage {
            campaign: self,
            dir: dir.path().to_path_buf(),
            database: self.database.clone().unwrap_or_else(|| Database::of_home(&home)),
            home,
            python,
            scene,
            dice,
            tables: Vec::new(),
            tally: Tally::default(),
        };
        while stage.has_kills_left() {
            if let (Some(point), true) = (&self.fail_point, stage.tally.runs > (self.kills + 1) * MAX_RUNS_PER_KILL) {
                return Err(format!("{} is never passed: {:?}", point.name(), stage.tally));
            }
            if let Err(what) = stage.one_run() {
                let (seed, kills) = (self.seed, stage.tally.kills);
                return Err(format!("seed {seed}, after {kills} kills: {what}"));
            }
        }
        python::read_tables(&stage.python, &stage.tables).map_err(|what| format!("seed {}: {what}", self.seed))?;
        Ok(stage.tally)
    }
}

impl Stage<'_> {
    fn command(&self, resume: bool) -> Command {
        let mut command = Command::new(&self.campaign.program);
        if resume {
            command.args(["runs", "resume"]);
        } else {
            command.arg("run").arg(&self.scene.dag).arg("--operators").arg(&self.scene.operators).arg("--no-cache");
        }
        command.args(["--workers", "4"]).env("SUANZI_HOME", &self.home).env("SUANZI_PYTHON", &self.python);
        command
            .env("HOME", &self.dir)
            .env_remove("PYTHONPATH")
            .env_remove("SUANZI_DEFECT")
            .env_remove("SUANZI_FAIL_POINT");
        command.env_remove("SUANZI_DATABASE_URL");
        if let Some(url) = self.database.url() {
            command.env("SUANZI_DATABASE_URL", url);
        }
        if let Some(defect) = &self.campaign.defect {
            command.env("SUANZI_DEFECT", defect);
        }
        command
    }

    fn has_kills_left(&self) -> bool {
        let Tally { kills, kills_at_point, .. } = self.tally;
        (if self.campaign.fail_point.is_some() { kills_at_point } else { kills }) < self.campaign.kills
    }

    /// A run from its submission to its end, over as many lives as it takes.
    fn one_run(&mut self) -> Result<(), String> {
        self.scene.begin();
        let earlier = run_rows::newest(&self.database)?.map(|(id, _)| id);
        let mut ledger = Ledger::default();
        let mut resume = false;
        for life in 0..=MAX_KILLS_PER_RUN {
            let may_kill = life < MAX_KILLS_PER_RUN && self.has_kills_left();
            // The last lives are left to end by themselves; so is one of some more.
            let kill = may_kill && self.dice.below(12) != 0;
            let Lived { killed, heard, lives } = self.one_life(resume, kill, &earlier, &mut ledger)?;
            let outlived = processes::wait_until_gone(&self.dir)?;
            self.tally.slowest_exit = self.tally.slowest_exit.max(outlived);
            self.tally.acknowledged += heard.succeeded.len() as u64;
            let newest = run_rows::newest(&self.database)?.filter(|(id, _)| Some(id) != earlier.as_ref());
            let Some((run_id, goes_on)) = newest else {
                if let Some(told) = heard.run_id {
                    return Err(format!("run {told} was told to be accepted, and is not in the database"));
                }
                self.tally.kills += u64::from(killed);
                continue;
            };
            let rows = run_rows::load(&self.database, &run_id)?;
            ledger.judge(&heard, &rows, &self.scene, lives).map_err(|what| format!("run {run_id}: {what}"))?;
            if killed {
                self.tally.kills += 1;
                self.tally.kills_in_flight += u64::from(verdict::in_flight(&rows, &self.scene));
            }
            if !goes_on {
                verdict::ended(&self.home, &rows, &self.scene).map_err(|what| format!("run {run_id}: {what}"))?;
                let files = rows.outputs.into_iter().filter(|output| output.inline.is_none());
                self.tables.extend(files.map(|o| (self.home.join("artifacts").join(o.path), o.operator)));
                self.tally.runs += 1;
                self.tally.executions += u64::from(ledger.executions());
                return Ok(());
            }
            if !killed {
                return Err(format!("run {run_id} goes on, and its engine ended: {:?}", heard.lines));
            }
            resume = true;
        }
        Err("the run did not end".to_string())
    }

    /// One engine: killed somewhere on its way, or left to end; or one whose run another takes, then that other one.
    fn one_life(
        &mut self,
        resume: bool,
        kill: bool,
        earlier: &Option<String>,
        ledger: &mut Ledger,
    ) -> Result<Lived, String> {
        let patience = self.campaign.patience;
        let fail_point = self.campaign.fail_point.as_ref().filter(|point| kill && point.is_on_the_way(resume));
        if let Some(point) = fail_point {
            let mut command = self.command(resume);
            command.env("SUANZI_FAIL_POINT", point.drawn(resume, &mut self.dice));
            return self.end_at_point(Life::start(command));
        }
        let kill = kill && (self.campaign.fail_point.is_none() || !resume);
        let mut life = Life::start(self.command(resume));
        let mut lived = Lived { killed: false, heard: Heard::default(), lives: 1 };
        let one_of = self.campaign.takeover_one_of;
        if kill && one_of != 0 && self.dice.below(one_of) == 0 {
            // Once it has told a success the run is its own: one that stood still before would rightly take the run when it goes on.
            let operators = 1 + self.dice.below(u64::from(OPERATORS) / 2);
            if life.listen(operators as usize, patience)? {
                std::thread::sleep(Duration::from_micros(self.dice.below(MAX_DELAY_US)));
                match self.take_over(life, earlier, ledger, &mut lived)? {
                    Some(left) => life = left,
                    None => return Ok(lived),
                }
            }
        }
        if !kill {
            let (status, heard) = life.end(patience)?;
            if !status.success() {
                return Err(format!("the engine ended with {status}: {:?}", heard.lines));
            }
            return Ok(lived.and(heard, false));
        }
        // Most kills hit while operators run, spread over them; some hit the start, whatever happens there.
        if self.dice.below(20) == 0 {
            std::thread::sleep(Duration::from_micros(self.dice.below(25 * MAX_DELAY_US)));
        } else {
            let Range { start, end } = self.campaign.kill_after[usize::from(resume)].clone();
            let operators = start + self.dice.below(end - start);
            if !life.listen(operators as usize, patience)? {
                let (_, heard) = life.end(patience)?;
                return Ok(lived.and(heard, false));
            }
            std::thread::sleep(Duration::from_micros(self.dice.below(MAX_DELAY_US)));
        }
        if self.dice.below(8) == 0 {
            self.tally.most_processes = self.tally.most_processes.max(processes::marked(&self.dir).len());
        }
        Ok(lived.and(life.kill(), true))
    }

    /// An engine that ends itself at its fail point, or never comes there.
    fn end_at_point(&mut self, life: Life) -> Result<Lived, String> {
        let (status, heard) = life.end(self.campaign.patience)?;
        let killed = status.signal() == Some(Signal::KILL.as_raw());
        if !killed && !status.success() {
            return Err(format!("the engine ended with {status}: {:?}", heard.lines));
        }
        self.tally.kills_at_point += u64::from(killed);
        Ok(Lived { killed, heard, lives: 1 })
    }

    /// Stops an engine, lets another take its run, and lets the first go on to its end. Gives the engine that is left: the first where it
    /// couldn't be replaced (its run had ended, or it stood still within a commit and so kept the database locked); none where the other
    /// brought the run to its end.
    fn take_over(
        &mut self,
        mut first: Life,
        earlier: &Option<String>,
        ledger: &mut Ledger,
        lived: &mut Lived,
    ) -> Result<Option<Life>, String> {
        let patience = self.campaign.patience;
        lived.heard.add(first.pause());
        let going = match run_rows::newest(&self.database) {
            Ok(newest) => newest.filter(|(id, goes_on)| *goes_on && Some(id) != earlier.as_ref()),
            Err(_) => None,
        };
        let Some((run_id, _)) = going else {
            first.go_on();
            return Ok(Some(first));
        };
        let before = run_rows::load(&self.database, &run_id)?;
        ledger
            .judge(&lived.heard, &before, &self.scene, 1)
            .map_err(|what| format!("run {run_id}, standing still: {what}"))?;
        takeover::break_lock(&self.home)?;
        let mut second = Life::start(self.command(true));
        let headstart = self.dice.below(MAX_HEADSTART) as usize;
        if !second.listen(headstart.max(1), patience)? {
            let (status, heard) = second.end(patience)?;
            match (heard.run_id.as_ref() == Some(&run_id), status.success()) {
                // Less was left to do than its headstart.
                (true, true) => lived.heard.add(heard),
                (false, false) => {
                    first.go_on();
                    return Ok(Some(first));
                }
                _ => {
                    return Err(format!(
                        "run {run_id} was to be taken over, and its new engine ended: {:?}",
                        heard.lines
                    ));
                }
            }
            self.woken(first, &run_id, &before, lived)?;
            return Ok(None);
        }
        self.woken(first, &run_id, &before, lived)?;
        Ok(Some(second))
    }

    /// The engine that lost its run goes on to its end.
    fn woken(&mut self, first: Life, run_id: &str, before: &RunRows, lived: &mut Lived) -> Result<(), String> {
        let patience = self.campaign.patience;
        lived.heard.add(takeover::wake(first, before, patience).map_err(|what| format!("run {run_id}: {what}"))?);
        lived.lives = 2;
        self.tally.takeovers += 1;
        Ok(())
    }
}

/// What became of a life, and of the one that replaced it.
struct Lived {
    killed: bool,
    heard: Heard,
    lives: u32,
}

impl Lived {
    fn and(mut self, heard: Heard, killed: bool) -> Lived {
        self.heard.add(heard);
        self.killed = killed;
        self
    }
}
