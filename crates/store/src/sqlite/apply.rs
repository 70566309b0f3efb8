//! One batch, one transaction: ownership per run first, then each record's own guard inside its statement.
//!
//! A `Dispatched` whose `Ended` is in the same batch is held back and written together with it: half the row writes for tasks shorter than a commit. Holding it back can't be
//! seen, because only records of the same task and the end of its run look at what it writes, and those flush it first.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::statements::Statements;
use super::text::{Word, signed, unsigned};
use super::{error, publish, touches};
use crate::touches::Touches;
use crate::{
    AttemptEnd, AttemptState, Batch, BatchOutcome, EpochMillis, Result, RunKey, RunState, StoreRecord, TaskResult,
    TaskState,
};

/// Which fences stand: all, unless a planted defect took one away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fences {
    pub epoch: bool,
    pub attempt: bool,
}

impl Default for Fences {
    fn default() -> Self {
        Fences { epoch: true, attempt: true }
    }
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Yes,
    /// Its guard failed before it wrote anything.
    Stale,
    /// Its guard failed half-way (an artifact's name taken, an artifact unknown): what it wrote must go.
    HalfWay,
}

/// The rare [`Written::HalfWay`] is dealt with by writing the batch again with a savepoint around each record, so that the usual batch needs none.
pub(super) fn apply(
    connection: &mut Connection,
    batch: &Batch,
    noted: &Touches,
    fences: Fences,
) -> Result<BatchOutcome> {
    if batch.records.is_empty() && batch.runs.is_empty() {
        return Ok(BatchOutcome::default());
    }
    for savepoints in [false, true] {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(outcome) = write(&transaction, batch, fences, savepoints)? else { continue };
        touches::write(&transaction, noted)?;
        transaction.commit().map_err(error::of_commit)?;
        return Ok(outcome);
    }
    unreachable!("with savepoints every record is either written or dropped")
}

fn write(connection: &Connection, batch: &Batch, fences: Fences, savepoints: bool) -> Result<Option<BatchOutcome>> {
    let mut writer = Writer {
        connection,
        statements: Statements::new(connection, fences)?,
        runs: HashMap::new(),
        held: HashMap::new(),
        outcome: BatchOutcome::default(),
        savepoints,
    };
    writer.check_owners(batch, fences)?;
    for position in 0..batch.records.len() {
        if !writer.record(&batch.records, position)? {
            return Ok(None);
        }
    }
    writer.flush_held(&batch.records, |_| true)?;
    writer.write_sequences()?;
    writer.outcome.stale.sort_unstable();
    Ok(Some(writer.outcome))
}

/// A run this batch may write.
struct OwnRun {
    running: bool,
    seq: u64,
    seq_in_database: u64,
}

struct Writer<'c> {
    connection: &'c Connection,
    statements: Statements<'c>,
    /// `None`: refused.
    runs: HashMap<RunKey, Option<OwnRun>>,
    /// Positions of `Dispatched` records not written yet, by task.
    held: HashMap<(RunKey, u32), usize>,
    outcome: BatchOutcome,
    savepoints: bool,
}

impl Writer<'_> {
    fn check_owners(&mut self, batch: &Batch, fences: Fences) -> Result<()> {
        let mut select =
            self.connection.prepare_cached("SELECT owner, owner_epoch, state, seq FROM runs WHERE key = ?1")?;
        for (run, epoch) in &batch.runs {
            let found = select
                .query_row([signed(run.0)], |row| {
                    let owned = row.get_ref(0)?.as_str()? == batch.owner && unsigned(row, 1)? == *epoch;
                    let running = row.get_ref(2)?.as_str()? == RunState::Running.word();
                    let seq = unsigned(row, 3)?;
                    let own = OwnRun { running, seq, seq_in_database: seq };
                    Ok((owned || !fences.epoch).then_some(own))
                })
                .optional()?
                .flatten();
            if found.is_none() {
                self.refuse(*run);
            } else if !matches!(self.runs.get(run), Some(None)) {
                self.runs.insert(*run, found);
            }
        }
        for record in &batch.records {
            if !self.runs.contains_key(&record.run()) {
                self.refuse(record.run());
            }
        }
        Ok(())
    }

    fn refuse(&mut self, run: RunKey) {
        if !matches!(self.runs.insert(run, None), Some(None)) {
            self.outcome.refused.push(run);
        }
    }

    /// False: the batch has to be written again with savepoints.
    fn record(&mut self, records: &[StoreRecord], position: usize) -> Result<bool> {
        let record = &records[position];
        if matches!(self.runs.get(&record.run()), None | Some(None)) {
            return Ok(true);
        }
        if !record.is_consistent() {
            self.outcome.stale.push(position);
            return Ok(true);
        }
        if self.savepoints {
            self.connection.prepare_cached("SAVEPOINT record")?.execute([])?;
        }
        let mut written = self.dispatch_on(records, position)?;
        if self.savepoints {
            if written == Written::HalfWay {
                self.connection.prepare_cached("ROLLBACK TO record")?.execute([])?;
                written = Written::Stale;
            }
            self.connection.prepare_cached("RELEASE record")?.execute([])?;
        }
        match written {
            Written::Yes => {}
            Written::Stale => self.outcome.stale.push(position),
            Written::HalfWay => return Ok(false),
        }
        Ok(true)
    }

    fn dispatch_on(&mut self, records: &[StoreRecord], position: usize) -> Result<Written> {
        match &records[position] {
            StoreRecord::Dispatched { run, op, .. } => {
                self.flush_task(records, *run, *op)?;
                if !self.is_running(*run) {
                    return Ok(Written::Stale);
                }
                if self.savepoints {
                    return self.dispatched(&records[position]);
                }
                self.held.insert((*run, *op), position);
                Ok(Written::Yes)
            }
            StoreRecord::Ended { run, op, attempt_no, token, state, end, task, failures, result, history_key, seq } => {
                let ended = Ended {
                    run: *run,
                    op: *op,
                    attempt_no: *attempt_no,
                    token: *token,
                    state: *state,
                    end,
                    task: *task,
                    failures: *failures,
                    result: result.as_deref(),
                    history_key,
                    seq: *seq,
                };
                self.ended(records, &ended)
            }
            StoreRecord::Settled { run, op, state, outputs, at, seq } => {
                self.flush_task(records, *run, *op)?;
                if !self.is_running(*run) {
                    return Ok(Written::Stale);
                }
                let Some(artifacts) = publish::present_artifacts(&mut self.statements, outputs)? else {
                    return Ok(Written::Stale);
                };
                let row = params![signed(run.0), op, state.word(), signed(*seq), at];
                if self.statements.settle_task.execute(row)? == 0 {
                    return Ok(Written::Stale);
                }
                self.statements.lose_attempts.execute(params![signed(run.0), op, i64::MAX, at])?;
                for (port, artifact) in artifacts {
                    self.statements.insert_output.execute(params![signed(run.0), op, port, artifact])?;
                }
                self.saw(*run, *seq);
                Ok(Written::Yes)
            }
            StoreRecord::Described { artifact, content_id, stats, .. } => {
                let described = self.statements.describe.execute(params![artifact.0, content_id, stats])?;
                Ok(if described > 0 { Written::Yes } else { Written::Stale })
            }
            StoreRecord::Keyed { run, op, attempt_no, keys } => {
                self.flush_task(records, *run, *op)?;
                publish::more_keys(&mut self.statements, *run, *op, *attempt_no, keys)
            }
            StoreRecord::Durable { artifacts, .. } => {
                for artifact in artifacts {
                    if self.statements.mark_durable.execute([&artifact.0])? == 0 {
                        return Ok(Written::HalfWay);
                    }
                }
                Ok(Written::Yes)
            }
            StoreRecord::RunEnded { run, state, at, seq } => {
                self.flush_held(records, |of| of == *run)?;
                if self.statements.end_run.execute(params![signed(run.0), state.word(), at])? == 0 {
                    return Ok(Written::Stale);
                }
                if let Some(Some(own)) = self.runs.get_mut(run) {
                    own.running = false;
                }
                self.saw(*run, *seq);
                Ok(Written::Yes)
            }
        }
    }

    fn ended(&mut self, records: &[StoreRecord], ended: &Ended) -> Result<Written> {
        let run = signed(ended.run.0);
        if let Some(position) = self.held.get(&(ended.run, ended.op)).copied() {
            if let StoreRecord::Dispatched { attempt_no, token, at, seq, .. } = &records[position]
                && (*attempt_no, *token) == (ended.attempt_no, ended.token)
                && ended.dispatch_too(self, *at)?
            {
                self.held.remove(&(ended.run, ended.op));
                return self.publish(ended, *seq);
            }
            self.flush_task(records, ended.run, ended.op)?;
        }
        if !self.is_running(ended.run) {
            return Ok(Written::Stale);
        }
        let row = params![
            run,
            ended.op,
            ended.attempt_no,
            signed(ended.token),
            signed(ended.seq),
            ended.end.at,
            ended.task.word(),
            ended.failures
        ];
        if self.statements.end_task.execute(row)? == 0 {
            return Ok(Written::Stale);
        }
        let end = ended.end;
        self.statements.end_attempt.execute(params![
            run,
            ended.op,
            ended.attempt_no,
            ended.state.word(),
            end.at,
            signed(end.wall_us),
            signed(end.cpu_us),
            signed(end.peak_rss_bytes),
            end.worker,
            end.failure,
            signed(end.log_file),
            signed(end.log_start),
            signed(end.log_end),
            ended.history_key
        ])?;
        self.publish(ended, ended.seq)
    }

    fn publish(&mut self, ended: &Ended, dispatch_seq: u64) -> Result<Written> {
        let written = publish::result(self.connection, &mut self.statements, ended)?;
        if written == Written::Yes {
            self.saw(ended.run, dispatch_seq.max(ended.seq));
        }
        Ok(written)
    }

    fn dispatched(&mut self, record: &StoreRecord) -> Result<Written> {
        let StoreRecord::Dispatched { run, op, attempt_no, token, at, seq } = record else { return Ok(Written::Stale) };
        let (key, token) = (signed(run.0), signed(*token));
        if self.statements.dispatch_task.execute(params![key, op, attempt_no, token, signed(*seq), at])? == 0 {
            return Ok(Written::Stale);
        }
        if *attempt_no > 1 {
            self.statements.lose_attempts.execute(params![key, op, attempt_no, at])?;
        }
        self.statements.insert_attempt.execute(params![key, op, attempt_no, token, at])?;
        self.saw(*run, *seq);
        Ok(Written::Yes)
    }

    fn flush_task(&mut self, records: &[StoreRecord], run: RunKey, op: u32) -> Result<()> {
        let Some(position) = self.held.remove(&(run, op)) else { return Ok(()) };
        if self.dispatched(&records[position])? == Written::Stale {
            self.outcome.stale.push(position);
        }
        Ok(())
    }

    fn flush_held(&mut self, records: &[StoreRecord], wanted: impl Fn(RunKey) -> bool) -> Result<()> {
        let tasks: BTreeSet<(RunKey, u32)> = self.held.keys().filter(|(run, _)| wanted(*run)).copied().collect();
        for (run, op) in tasks {
            self.flush_task(records, run, op)?;
        }
        Ok(())
    }

    fn is_running(&self, run: RunKey) -> bool {
        matches!(self.runs.get(&run), Some(Some(own)) if own.running)
    }

    fn saw(&mut self, run: RunKey, seq: u64) {
        if let Some(Some(own)) = self.runs.get_mut(&run) {
            own.seq = own.seq.max(seq);
        }
    }

    fn write_sequences(&mut self) -> Result<()> {
        let mut update = self.connection.prepare_cached("UPDATE runs SET seq = ?2 WHERE key = ?1")?;
        for (run, own) in &self.runs {
            if let Some(own) = own
                && own.seq != own.seq_in_database
            {
                update.execute(params![signed(run.0), signed(own.seq)])?;
            }
        }
        Ok(())
    }
}

/// The fields of [`StoreRecord::Ended`], to hand on.
pub(super) struct Ended<'r> {
    pub run: RunKey,
    pub op: u32,
    pub attempt_no: u32,
    pub token: u64,
    pub state: AttemptState,
    pub end: &'r AttemptEnd,
    pub task: TaskState,
    pub failures: u32,
    pub result: Option<&'r TaskResult>,
    pub history_key: &'r str,
    pub seq: u64,
}

impl Ended<'_> {
    /// Writes dispatch and end as one; false where the dispatch is stale (then the end is judged alone).
    fn dispatch_too(&self, writer: &mut Writer, dispatched_at: EpochMillis) -> Result<bool> {
        let (run, token, end) = (signed(self.run.0), signed(self.token), self.end);
        let row =
            params![run, self.op, self.attempt_no, token, signed(self.seq), end.at, self.task.word(), self.failures];
        if writer.statements.dispatch_and_end_task.execute(row)? == 0 {
            return Ok(false);
        }
        if self.attempt_no > 1 {
            writer.statements.lose_attempts.execute(params![run, self.op, self.attempt_no, dispatched_at])?;
        }
        writer.statements.insert_ended_attempt.execute(params![
            run,
            self.op,
            self.attempt_no,
            self.state.word(),
            end.at,
            signed(end.wall_us),
            signed(end.cpu_us),
            signed(end.peak_rss_bytes),
            end.worker,
            end.failure,
            signed(end.log_file),
            signed(end.log_start),
            signed(end.log_end),
            self.history_key,
            token,
            dispatched_at
        ])?;
        Ok(true)
    }
}
