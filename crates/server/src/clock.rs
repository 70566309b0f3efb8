//! The time of day, and waiting for a moment of it. Tests bring a clock of their own.

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;

pub(crate) trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> i64;

    /// Returns at that moment, when the clock was set, after [`Clock::wake`], and now and then for no reason. `None`: no moment of its own.
    fn wait_until(&self, moment: Option<i64>);

    /// Ends the wait that is going, or else the next one.
    fn wake(&self);
}

/// The host's clock. The kernel says when it is set, so nobody looks at it again and again.
pub(crate) struct WallClock {
    timer: OwnedFd,
    woken: OwnedFd,
}

impl WallClock {
    pub fn new() -> io::Result<WallClock> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let woken = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(WallClock { timer, woken })
    }

    /// False where the clock was set meanwhile.
    fn arm(&self, moment: Option<i64>) -> Result<bool, Errno> {
        // A value of zero would disarm it.
        let moment = moment.map_or(0, |moment| moment.max(1));
        let at = Timespec { tv_sec: moment.div_euclid(1_000), tv_nsec: moment.rem_euclid(1_000) * 1_000_000 };
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        match timerfd_settime(&self.timer, flags, &Itimerspec { it_interval: zero, it_value: at }) {
            Ok(_) => Ok(true),
            Err(Errno::CANCELED) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Clock for WallClock {
    fn now(&self) -> i64 {
        crate::dags::now_ms()
    }

    fn wait_until(&self, moment: Option<i64>) {
        let wait = || -> Result<(), Errno> {
            if !self.arm(moment)? {
                return Ok(());
            }
            let mut either = [PollFd::new(&self.timer, PollFlags::IN), PollFd::new(&self.woken, PollFlags::IN)];
            poll(&mut either, None)?;
            let mut count = [0; 8];
            // Empty, or the clock was set: both are reason enough to look.
            let _ = read(&self.timer, &mut count);
            let _ = read(&self.woken, &mut count);
            Ok(())
        };
        if wait().is_err_and(|error| error != Errno::INTR) {
            // Never without a pause.
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }

    fn wake(&self) {
        let _ = write(&self.woken, &1_u64.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_at_its_moment_and_when_woken() {
        let clock = WallClock::new().expect("a clock");
        let moment = clock.now() + 20;
        clock.wait_until(Some(moment));
        assert!(clock.now() >= moment);
        clock.wait_until(Some(clock.now() - 1_000));
        clock.wait_until(Some(0));
        clock.wake();
        clock.wait_until(None);
        std::thread::scope(|scope| {
            scope.spawn(|| clock.wait_until(None));
            clock.wake();
        });
    }
}
