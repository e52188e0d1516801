//! What the tool says at a console. A reader that has gone, as in `village-clerk … | head`, stops nothing: what was
//! begun is finished, and only the telling is lost.

/// As the standard one, but it never panics.
macro_rules! print {
    ($($said:tt)*) => {{
        use std::io::Write as _;
        let _ = write!(std::io::stdout(), $($said)*);
    }};
}

/// As the standard one, but it never panics.
macro_rules! println {
    ($($said:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($said)*);
    }};
}

/// As the standard one, but it never panics.
macro_rules! eprintln {
    ($($said:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($said)*);
    }};
}
