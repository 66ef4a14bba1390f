//! Builds the libraries, and C programs with them: by either compiler, as either language, for either processor.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Which compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    Gcc,
    Clang,
}

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

/// The language of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    /// C11.
    C11,
    /// The same sources as C++17.
    Cpp17,
}

/// The processor that runs a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// The one of the tests.
    Host,
    /// 32-bit x86, which runs on the same processor: 4-byte pointers, and `uint64_t` aligned to 4.
    I686,
}

/// One way to compile a C program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    pub(crate) compiler: Compiler,
    pub(crate) standard: Standard,
    pub(crate) linkage: Linkage,
    pub(crate) machine: Machine,
    /// With the address and the undefined behaviour sanitizer, of which the first mistake ends the program.
    pub(crate) sanitized: bool,
}

/// What most tests want.
pub(crate) const USUAL: Variant = Variant {
    compiler: Compiler::Gcc,
    standard: Standard::C11,
    linkage: Linkage::Shared,
    machine: Machine::Host,
    sanitized: false,
};

/// Whether the tests were built with `--release`.
const OPTIMIZED: bool = !cfg!(debug_assertions);

/// Where Debian keeps the C library for 32-bit x86.
const I686_LIBRARIES: &str = "/usr/i686-linux-gnu/lib";

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
pub(crate) fn built(machine: Machine) -> &'static Path {
    static HOST: OnceLock<PathBuf> = OnceLock::new();
    static I686: OnceLock<PathBuf> = OnceLock::new();
    match machine {
        Machine::Host => HOST.get_or_init(|| build("nnrp-ffi", &[], "")),
        Machine::I686 => I686.get_or_init(|| {
            const TARGET: &str = "i686-unknown-linux-gnu";
            build("nnrp-ffi", &["--target", TARGET], TARGET)
        }),
    }
}

/// nnrp-echo, freshly built.
pub(crate) fn nnrp_echo() -> &'static Path {
    static ECHO: OnceLock<PathBuf> = OnceLock::new();
    ECHO.get_or_init(|| build("nnrp-conformance", &[], "").join("nnrp-echo"))
}

/// Builds one package of the workspace in the profile of the tests, whatever workspace they belong to, and gives the folder
/// of its artifacts; `folder` is where cargo puts those of the target.
fn build(package: &str, arguments: &[&str], folder: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // <target>/debug/deps/<test>; the package gets a target folder of its own beside it.
    let target = test
        .ancestors()
        .nth(3)
        .expect("cargo's layout")
        .join("c-programs");
    let output = Command::new(env!("CARGO"))
        .current_dir(repository())
        .env(
            "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER",
            "i686-linux-gnu-gcc",
        )
        .args(["build", "--quiet", "-p", package, "--target-dir"])
        .arg(&target)
        .args(if OPTIMIZED { &["--release"][..] } else { &[] })
        .args(arguments)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let profile = if OPTIMIZED { "release" } else { "debug" };
    target.join(folder).join(profile)
}

/// Programs that were compiled. One thread compiles at a time, and each program once: nobody starts a file that is being
/// written.
static COMPILED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Compiles C sources and links them with the library. Warnings are errors.
pub(crate) fn compile(sources: &[PathBuf], name: &str, variant: Variant) -> PathBuf {
    let folder = built(variant.machine);
    let program = folder.join(variant.name(name));
    let mut done = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if done.contains(&program) {
        return program;
    }
    let mut command = variant.compiler_command();
    if variant.linkage == Linkage::Static {
        command.arg("-DNNRP_STATIC");
    }
    command
        .args(sources)
        .args(["-x", "none", "-o"])
        .arg(&program);
    match variant.linkage {
        Linkage::Shared => command
            .arg("-L")
            .arg(folder)
            .args(["-l:libnnrp.so", &format!("-Wl,-rpath,{}", folder.display())]),
        Linkage::Static => command.arg(folder.join("libnnrp.a")),
        Linkage::None => &mut command,
    };
    // What `rustc --print native-static-libs` names on Linux.
    run(command.args(["-lpthread", "-lm", "-ldl", "-lrt", "-lutil", "-lgcc_s"]));
    done.insert(program.clone());
    program
}

/// Compiles one source without linking it. Warnings are errors.
pub(crate) fn check(source: &Path, variant: Variant) {
    run(variant.compiler_command().arg("-fsyntax-only").arg(source));
}

fn run(command: &mut Command) {
    let output = command.output().expect("the compiler starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Variant {
    /// The command that runs a program.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        match self.machine {
            Machine::Host => Command::new(program),
            Machine::I686 => {
                let mut command = Command::new(format!("{I686_LIBRARIES}/ld-linux.so.2"));
                command
                    .args(["--library-path", I686_LIBRARIES])
                    .arg(program);
                command
            }
        }
    }

    fn name(self, source: &str) -> String {
        let Self {
            compiler,
            standard,
            linkage,
            ..
        } = self;
        let sanitized = if self.sanitized { "-sanitized" } else { "" };
        format!("{source}-{compiler:?}-{standard:?}-{linkage:?}{sanitized}")
    }

    /// A compiler that takes every warning for an error and finds our headers.
    fn compiler_command(self) -> Command {
        let mut command = Command::new(self.compiler_program());
        if self.machine == Machine::I686 && self.compiler == Compiler::Clang {
            command.arg("--target=i686-linux-gnu");
        }
        command.args(["-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
        if self.sanitized {
            command.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        }
        command
            .args(match self.standard {
                Standard::C11 => ["-x", "c", "-std=c11"],
                Standard::Cpp17 => ["-x", "c++", "-std=c++17"],
            })
            .arg("-I")
            .arg(repository().join("include"));
        command
    }

    fn compiler_program(self) -> &'static str {
        match (self.compiler, self.standard, self.machine) {
            (Compiler::Gcc, Standard::C11, Machine::Host) => "gcc",
            (Compiler::Gcc, Standard::Cpp17, Machine::Host) => "g++",
            (Compiler::Gcc, Standard::C11, Machine::I686) => "i686-linux-gnu-gcc",
            (Compiler::Gcc, Standard::Cpp17, Machine::I686) => "i686-linux-gnu-g++",
            (Compiler::Clang, Standard::Cpp17, Machine::Host) => "clang++",
            // The programs need nothing of a C++ library, which there is none of for the other processor.
            (Compiler::Clang, _, _) => "clang",
        }
    }
}

/// A C source of the tests.
pub(crate) fn source(name: &str) -> PathBuf {
    repository().join("crates/nnrp-ffi/tests/c").join(name)
}

/// A C source of the examples.
pub(crate) fn example(name: &str) -> PathBuf {
    repository().join("examples/c").join(format!("{name}.c"))
}
