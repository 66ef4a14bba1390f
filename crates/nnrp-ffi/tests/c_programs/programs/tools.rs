//! Programs of the system that some tests need: whether they are there, and the line that installs them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program of the system that some tests need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    /// The line that installs it.
    install: &'static str,
}

pub(crate) const GCC: Tool = Tool {
    program: "gcc",
    install: "sudo apt-get install gcc g++",
};
pub(crate) const VALGRIND: Tool = Tool {
    program: "valgrind",
    install: "sudo apt-get install valgrind",
};
/// A second opinion on the same sources.
pub(crate) const CLANG: Tool = Tool {
    program: "clang",
    install: "sudo apt-get install clang",
};
/// Compiles for 32-bit x86, and brings the C library that runs it.
const GCC_I686: Tool = Tool {
    program: "i686-linux-gnu-g++",
    install: "sudo apt-get install g++-i686-linux-gnu libc6-dev-i386-cross",
};

/// Whether a tool is there; if not, says past the test harness how to get it.
pub(crate) fn is_present(tool: Tool) -> bool {
    let mut version = Command::new(tool.program);
    version
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let present = version.status().is_ok_and(|status| status.success());
    present || missing(tool.program, tool.install)
}

/// Whether programs for 32-bit x86 can be built with the library, and run.
pub(crate) fn is_i686_present() -> bool {
    const TARGET: &str = "i686-unknown-linux-gnu";
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    let folder = asked.map(|asked| String::from_utf8_lossy(&asked.stdout).trim().to_owned());
    let has_std = folder.is_ok_and(|folder| !folder.is_empty() && Path::new(&folder).is_dir());
    is_present(GCC_I686) && (has_std || missing(TARGET, &format!("rustup target add {TARGET}")))
}

/// Where everything is meant to be provisioned, what is missing fails.
fn missing(what: &str, install: &str) -> bool {
    let forbidden = std::env::var("FORBID_SKIPS").is_ok_and(|value| value == "1");
    assert!(!forbidden, "{what} is missing: {install}");
    // Nothing depends on the line.
    let _ =
        std::io::stderr().write_all(format!("skipped: {what} is missing; {install}\n").as_bytes());
    false
}
