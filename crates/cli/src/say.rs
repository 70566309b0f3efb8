//! Printing that outlives its reader: `suanzi run … | head` must not end the run, and `println!` panics when the pipe is closed.

/// A line of data, to stdout.
macro_rules! say {
    ($($arg:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($arg)*);
    }};
}

/// Data without a line's end, to stdout.
macro_rules! say_on {
    ($($arg:tt)*) => {{
        use std::io::Write as _;
        let _ = write!(std::io::stdout(), $($arg)*);
    }};
}

/// A line of talk, to stderr.
macro_rules! talk {
    ($($arg:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($arg)*);
    }};
}
