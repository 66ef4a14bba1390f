//! Builds the libraries and the C programs, and runs them as children that never outlive a test.

mod compiling;
mod tools;

pub(crate) use compiling::*;
pub(crate) use tools::*;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// No child of these tests has a reason to run longer, under valgrind on a busy machine either.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// A child that is killed when the test lets go of it.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    name: String,
}

/// What a program did.
#[derive(Debug)]
pub(crate) struct Finished {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Its lines on stdout that were not read before.
    pub(crate) lines: Vec<String>,
    /// Its stderr.
    pub(crate) errors: String,
}

impl Program {
    /// Starts a program with a pipe on stdin, which many of ours take as the sign to go on.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take().expect("stdout is a pipe");
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, name }
    }

    /// Waits for a line that starts with `prefix` and gives the rest of it.
    pub(crate) fn await_line(&mut self, prefix: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(rest) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(prefix) {
                        return rest.to_owned();
                    }
                }
                Err(error) => {
                    let errors = self.errors();
                    panic!("no `{prefix}` from {}: {error}; {errors}", self.name);
                }
            }
        }
    }

    /// Ends stdin, then waits for the program to end.
    pub(crate) fn finish(self) -> Finished {
        self.finish_within(PATIENCE)
    }

    /// As [`Program::finish`], for a program that has much to do.
    pub(crate) fn finish_within(mut self, patience: Duration) -> Finished {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + patience;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(Instant::now() < deadline, "{} does not end", self.name);
            thread::sleep(Duration::from_millis(5));
        };
        let lines = self.lines.iter().collect();
        Finished {
            status,
            lines,
            errors: self.errors(),
        }
    }

    /// Kills the program as a crash would, without a chance to close anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a running child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    fn errors(&mut self) -> String {
        let mut errors = String::new();
        if self.child.try_wait().is_ok_and(|status| status.is_some())
            && let Some(mut stderr) = self.child.stderr.take()
        {
            // What cannot be read is not shown.
            let _ = stderr.read_to_string(&mut errors);
        }
        errors
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// The lines of a program that ended well.
    pub(crate) fn succeeded(self) -> Vec<String> {
        assert!(
            self.status.success(),
            "{}: {:?} {}",
            self.status,
            self.lines,
            self.errors
        );
        self.lines
    }
}

/// Starts a listening program and gives the URI it prints.
pub(crate) fn listen(command: &mut Command) -> (Program, String) {
    let mut program = Program::start(command);
    let uri = program.await_line("listening ");
    (program, uri)
}

/// The echo server of the conformance crate on a free port.
pub(crate) fn echo() -> (Program, String) {
    listen(Command::new(nnrp_echo()).args(["serve", "--listen", "nnrp+tcp://127.0.0.1:0"]))
}

/// A command under valgrind, which fails on every error and every block that is lost for good.
pub(crate) fn under_valgrind(program: &Path) -> Command {
    let mut command = Command::new(VALGRIND.program);
    command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
    command
        .args(["--errors-for-leak-kinds=definite", "--fair-sched=yes"])
        .arg(program);
    command
}
