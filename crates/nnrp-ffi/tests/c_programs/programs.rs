//! Builds the libraries and the C programs, and runs them as children that never outlive a test.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// No child of these tests has a reason to run longer.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How a C program is linked with the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    /// libnnrp.so, found by rpath.
    Shared,
    /// libnnrp.a.
    Static,
    /// Not at all; the program loads it.
    None,
}

/// How a C program is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    /// C11.
    C11,
    /// The same sources as C++17.
    Cpp17,
}

/// A program of the system that some tests need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    /// The line that installs it.
    install: &'static str,
    /// Whether its absence fails where everything is meant to be provisioned.
    required: bool,
}

pub(crate) const GCC: Tool = Tool {
    program: "gcc",
    install: "sudo apt-get install gcc g++",
    required: true,
};
pub(crate) const VALGRIND: Tool = Tool {
    program: "valgrind",
    install: "sudo apt-get install valgrind",
    required: true,
};
/// A second opinion on the same sources.
pub(crate) const CLANG: Tool = Tool {
    program: "clang",
    install: "sudo apt-get install clang",
    required: false,
};

/// Whether a tool is there; if not, says past the test harness how to get it.
pub(crate) fn is_present(tool: Tool) -> bool {
    let mut version = Command::new(tool.program);
    version
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let present = version.status().is_ok_and(|status| status.success());
    if !present {
        let forbidden = std::env::var("FORBID_SKIPS").is_ok_and(|value| value == "1");
        assert!(
            !(tool.required && forbidden),
            "{} is missing: {}",
            tool.program,
            tool.install
        );
        let line = format!("skipped: {} is missing; {}\n", tool.program, tool.install);
        // Nothing depends on the line.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    present
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        own.ancestors()
            .find(|folder| folder.join("include/nnrp/nnrp.h").is_file())
            .expect("the manifest is in the repository")
            .to_owned()
    })
}

/// The folder with libnnrp.so and libnnrp.a, freshly built.
pub(crate) fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("nnrp-ffi"))
}

/// nnrp-echo, freshly built.
pub(crate) fn nnrp_echo() -> &'static Path {
    static ECHO: OnceLock<PathBuf> = OnceLock::new();
    ECHO.get_or_init(|| build("nnrp-conformance").join("nnrp-echo"))
}

/// Builds one package of the workspace, whatever workspace the test belongs to, and gives the folder of its artifacts.
fn build(package: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // <target>/debug/deps/<test>; the package gets a target folder of its own beside it.
    let target = test
        .ancestors()
        .nth(3)
        .expect("cargo's layout")
        .join("c-programs");
    let output = Command::new(env!("CARGO"))
        .current_dir(repository())
        .args(["build", "--quiet", "-p", package, "--target-dir"])
        .arg(&target)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    target.join("debug")
}

/// Programs that were compiled. One thread compiles at a time, and each program once: nobody starts a file that is being
/// written.
static COMPILED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Compiles C sources and links them with the library. Warnings are errors.
pub(crate) fn compile(
    compiler: &str,
    sources: &[PathBuf],
    name: &str,
    standard: Standard,
    linkage: Linkage,
) -> PathBuf {
    let program = built().join(format!("{name}-{compiler}-{standard:?}-{linkage:?}"));
    let mut done = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if done.contains(&program) {
        return program;
    }
    let mut command = compiler_command(compiler, standard);
    if linkage == Linkage::Static {
        command.arg("-DNNRP_STATIC");
    }
    command
        .args(sources)
        .args(["-x", "none", "-o"])
        .arg(&program);
    match linkage {
        Linkage::Shared => command.arg("-L").arg(built()).args([
            "-l:libnnrp.so",
            &format!("-Wl,-rpath,{}", built().display()),
        ]),
        Linkage::Static => command.arg(built().join("libnnrp.a")),
        Linkage::None => &mut command,
    };
    // What `rustc --print native-static-libs` names on Linux.
    command.args(["-lpthread", "-lm", "-ldl", "-lrt", "-lutil", "-lgcc_s"]);
    let output = command.output().expect("the compiler starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    done.insert(program.clone());
    program
}

/// Compiles one source without linking it. Warnings are errors.
pub(crate) fn check(compiler: &str, source: &Path, standard: Standard) {
    let mut command = compiler_command(compiler, standard);
    let output = command
        .arg("-fsyntax-only")
        .arg(source)
        .output()
        .expect("the compiler starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A compiler that takes every warning for an error and finds our headers.
fn compiler_command(compiler: &str, standard: Standard) -> Command {
    let (compiler, language) = match (compiler, standard) {
        ("gcc", Standard::Cpp17) => ("g++", ["-x", "c++", "-std=c++17"]),
        ("clang", Standard::Cpp17) => ("clang++", ["-x", "c++", "-std=c++17"]),
        (compiler, _) => (compiler, ["-x", "c", "-std=c11"]),
    };
    let mut command = Command::new(compiler);
    command.args(["-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
    command
        .args(language)
        .arg("-I")
        .arg(repository().join("include"));
    command
}

/// A C source of the tests.
pub(crate) fn source(name: &str) -> PathBuf {
    repository().join("crates/nnrp-ffi/tests/c").join(name)
}

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
    pub(crate) fn finish(mut self) -> Finished {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + PATIENCE;
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
