//! Where the programs meet their caller: arguments as text, and text to stdout and stderr, none with a panic.

use std::ffi::OsString;
use std::io::{self, Write};

/// The arguments after the program's name, or what to say about the first one that is no text.
pub fn arguments() -> Result<Vec<String>, String> {
    texts(std::env::args_os().skip(1))
}

fn texts(arguments: impl Iterator<Item = OsString>) -> Result<Vec<String>, String> {
    arguments
        .map(|argument| {
            argument.into_string().map_err(|raw| {
                let raw = raw.display();
                format!("the argument \"{raw}\" is not UTF-8; give it as UTF-8 text")
            })
        })
        .collect()
}

/// Writes to stdout at once. A pipe that nobody reads and a full disk are errors, not the end of the program.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes a line to stderr; if nobody takes it, there is nobody to tell.
pub fn complain(line: &str) {
    let _nobody_listens = writeln!(io::stderr().lock(), "{line}");
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn an_argument_that_is_no_text_is_named_and_refused() {
        let arguments = [OsString::from("call"), OsString::from_vec(vec![b'a', 0xff])];
        let refused = texts(arguments.into_iter()).unwrap_err();
        assert!(refused.contains("\"a\u{fffd}\""), "{refused}");
    }
}
