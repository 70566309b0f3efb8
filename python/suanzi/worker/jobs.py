"""Does an operator's jobs (`Context.map`) here: some forks of the worker, each with one job at a time.

A fork does job after job, so that small ones cost little; it ends with the call, with the worker, and with a job that
kills it, whose place another takes.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import sys
from dataclasses import dataclass, field
from typing import Any

from suanzi.sdk.context import Context
from suanzi.sdk.jobs import FailedJob, Jobs, run_job
from suanzi.worker.failure import PieceError, failure_of
from suanzi.worker.memory import Memory
from suanzi.worker.piece import Job, ended, jobs_summary
from suanzi.worker.pieces import MAX_WORKERS, pickled
from suanzi.worker.process import flush_all, fork_helper
from suanzi.worker.protocol import Frame
from suanzi.worker.threads import ThreadLimits

NUMBER_BYTES = 8
READ_BYTES = 1 << 20


@dataclass
class Report:
    """What came of one job."""

    failed: Frame | None = None
    """A failed frame without number, if it has."""
    result: bytes = b""
    """Pickled."""
    metrics: list[Any] = field(default_factory=list)
    peak_bytes: int = 0


@dataclass
class Hand:
    """A fork, and the job it has."""

    pid: int
    orders: int
    reports: int
    job: int | None = None
    told: bytearray = field(default_factory=bytearray)

    def give(self, index: int) -> bool:
        """False where it is dead already."""
        try:
            os.write(self.orders, index.to_bytes(NUMBER_BYTES, "big"))
        except BrokenPipeError:
            return False
        self.job = index
        return True

    def report(self) -> Report | None:
        """What it has told of its job, once that is whole."""
        while True:
            try:
                read = os.read(self.reports, READ_BYTES)
            except BlockingIOError:
                break
            if not read:
                break
            self.told += read
        end = NUMBER_BYTES + int.from_bytes(self.told[:NUMBER_BYTES], "big")
        if len(self.told) < max(end, NUMBER_BYTES + 1):
            return None
        found: Report = pickle.loads(self.told[NUMBER_BYTES:end])
        del self.told[:end]
        return found


class LocalJobs:
    """The jobs of one task; as many at a time as it has processors."""

    def __init__(self, task: Frame, threads: ThreadLimits) -> None:
        self.threads = threads
        self.cpu_slots: int = task["cpu_slots"]
        self.memory_bytes: int | None = task["memory_bytes"]
        self.cpu_us = 0
        self.peak_bytes = 0

    def map(self, context: Context, jobs: Jobs) -> list[Any]:
        """The jobs' results in their order. Raises PieceError where one fails and failures aren't kept."""
        workers = max(1, min(self.cpu_slots, len(jobs.given), MAX_WORKERS))
        self.threads.set(1)  # in each fork; a pool of more doesn't outlive a fork
        crew = Crew(self, context, jobs, workers)
        try:
            reports = crew.run()
        finally:
            crew.end()
            self.threads.set(self.cpu_slots)
        for report in reports:
            self.peak_bytes = max(self.peak_bytes, report.peak_bytes)
            for name, value, step in report.metrics:
                context.metric(name, value, step)
        context.note(jobs_summary(len(reports), jobs.what, workers, self.peak_bytes))
        return [pickle.loads(one.result) if one.failed is None else kept(one.failed) for one in reports]


def kept(failed: Frame) -> FailedJob:
    """What stands for the result of a job that failed."""
    return FailedJob(failed["kind"], failed["message"], failed["hint"])


class Crew:
    """The forks of one call."""

    def __init__(self, of: LocalJobs, context: Context, jobs: Jobs, workers: int) -> None:
        self.of, self.context, self.jobs, self.workers = of, context, jobs, workers
        self.cap_bytes = of.memory_bytes and of.memory_bytes // workers
        self.waiting = list(reversed(range(len(jobs.given))))
        self.reports: list[Report | None] = [None] * len(jobs.given)
        self.done = 0
        self.hands: dict[int, Hand] = {}
        """By pidfd."""
        self.selector = selectors.DefaultSelector()

    def run(self) -> list[Report]:
        while self.done < len(self.reports):
            while self.waiting and len(self.hands) < self.workers:
                self._give(self._hire())
            # What was told comes before the end of who told it.
            for key, _ in sorted(self.selector.select(), key=lambda found: found[0].fd in self.hands):
                hand: Hand = key.data
                report = hand.report()
                if report is not None:
                    self._take(hand, report)
                if key.fd in self.hands:
                    self._bury(key.fd)
        return [report for report in self.reports if report is not None]

    def end(self) -> None:
        """Ends those that are left."""
        for hand in self.hands.values():
            os.kill(hand.pid, signal.SIGKILL)
        for pidfd in list(self.hands):
            self._reap(pidfd)
        self.selector.close()

    def _take(self, hand: Hand, report: Report) -> None:
        assert hand.job is not None
        self._note(hand.job, report)
        hand.job = None
        if self.waiting:
            self._give(hand)

    def _give(self, hand: Hand) -> None:
        index = self.waiting.pop()
        if not hand.give(index):
            self.waiting.append(index)

    def _bury(self, pidfd: int) -> None:
        hand, status = self._reap(pidfd)
        if hand.job is not None:
            self._note(hand.job, Report(failed=ended(status)))

    def _note(self, index: int, report: Report) -> None:
        if report.failed is not None and not self.jobs.keep_failures:
            raise PieceError(report.failed, str(Job(index, len(self.reports), self.jobs.what)))
        self.reports[index] = report
        self.done += 1
        self.context.progress(*self.jobs.told(self.done))

    def _hire(self) -> Hand:
        orders, ours = os.pipe2(os.O_CLOEXEC)
        reports, theirs = os.pipe2(os.O_CLOEXEC)
        pid = fork_helper(lambda: self._work(orders, theirs))
        os.close(orders)
        os.close(theirs)
        os.set_blocking(reports, False)
        hand = Hand(pid, ours, reports)
        pidfd = os.pidfd_open(pid)
        self.hands[pidfd] = hand
        self.selector.register(pidfd, selectors.EVENT_READ, hand)
        self.selector.register(reports, selectors.EVENT_READ, hand)
        return hand

    def _reap(self, pidfd: int) -> tuple[Hand, int]:
        """A hand that has ended, and its exit status, negative for a signal."""
        hand = self.hands.pop(pidfd)
        self.selector.unregister(pidfd)
        self.selector.unregister(hand.reports)
        _, status, usage = os.wait4(hand.pid, 0)
        for fd in (pidfd, hand.orders, hand.reports):
            os.close(fd)
        self.of.cpu_us += int((usage.ru_utime + usage.ru_stime) * 1_000_000)
        return hand, os.waitstatus_to_exitcode(status)

    def _work(self, orders: int, reports: int) -> None:
        """In a fork: job after job, as it is told."""
        memory = Memory()
        memory.peak_bytes(sys.maxsize)  # begins anew: what the worker once had is in the fork's own peak
        while order := os.read(orders, NUMBER_BYTES):
            data = self._done(int.from_bytes(order, "big"), memory)
            flush_all()
            rest = memoryview(len(data).to_bytes(NUMBER_BYTES, "big") + data)
            while rest:
                rest = rest[os.write(reports, rest) :]

    def _done(self, index: int, memory: Memory) -> bytes:
        """The pickled report of a job."""
        try:
            with memory.limited(self.cap_bytes):
                result, metrics = run_job(self.context, self.jobs, index)
                report = Report(result=pickled("what a job returned", result), metrics=metrics)
        except BaseException as error:
            report = Report(failed=failure_of(error))
        report.peak_bytes = memory.peak_bytes(sys.maxsize)
        return pickle.dumps(report, protocol=5)
