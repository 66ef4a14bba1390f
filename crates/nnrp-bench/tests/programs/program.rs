//! A running `nnrp-bench`: its lines are read as they come, and its input is written line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Longest wait for a line: generous, because a busy machine is no fault of the program.
const PATIENCE: Duration = Duration::from_mins(2);

/// The program, which ends with its owner at the latest.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    /// Lines of its output, each in one message; the channel closes when the output does.
    lines: Receiver<String>,
}

/// How a program has ended.
pub(crate) struct Ended {
    pub(crate) succeeded: bool,
    pub(crate) errors: String,
}

impl Program {
    pub(crate) fn start(words: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nnrp-bench"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
        }
    }

    /// The next line; fails where the output has ended.
    pub(crate) fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE);
        line.unwrap_or_else(|error| panic!("no line came: {error}; {}", self.errors()))
    }

    /// The next line as JSON.
    pub(crate) fn json(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// Tells the program to go on.
    pub(crate) fn go_on(&mut self) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "go on").expect("the program reads");
    }

    /// Ends its input, and waits for its end, before which no further line may come.
    pub(crate) fn finish(mut self) -> Ended {
        self.input = None;
        let further = self.lines.recv_timeout(PATIENCE);
        assert!(further.is_err(), "an unexpected line: {further:?}");
        let errors = self.errors();
        let status = self.child.wait().expect("its status");
        Ended {
            succeeded: status.success(),
            errors,
        }
    }

    /// Everything it says on the side for errors, until it ends.
    fn errors(&mut self) -> String {
        let mut errors = String::new();
        if let Some(mut stream) = self.child.stderr.take() {
            let read = stream.read_to_string(&mut errors);
            read.expect("text");
        }
        errors
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one line of a program that runs to its end.
pub(crate) fn measured(words: &[&str]) -> Value {
    let mut program = Program::start(words);
    let line = program.json();
    let ended = program.finish();
    assert!(ended.succeeded, "{words:?}: {}", ended.errors);
    line
}

/// What a program says that refuses to run.
pub(crate) fn refused(words: &[&str]) -> String {
    let ended = Program::start(words).finish();
    assert!(!ended.succeeded, "{words:?} was not refused");
    ended.errors
}
