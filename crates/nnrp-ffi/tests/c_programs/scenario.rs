//! The shared smoke scenario, replayed by the C runner against nnrp-echo, natively and under valgrind.

use crate::programs::*;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn smoke(linkage: Linkage) -> PathBuf {
    let folder = repository().join("tests/smoke/c");
    let mut sources: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the smoke runner is in the repository")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    sources.sort();
    compile(&sources, "smoke", Variant { linkage, ..USUAL })
}

fn replay(mut command: Command) -> Vec<String> {
    let (echo, uri) = echo();
    command
        .arg("--scenario")
        .arg(repository().join("tests/smoke/scenario.json"));
    let finished = Program::start(command.args(["--endpoint", &uri])).finish();
    echo.kill();
    finished.succeeded()
}

#[test]
fn every_step_passes_with_the_shared_library_which_names_its_file() {
    if is_present(GCC) {
        let lines = replay(Command::new(smoke(Linkage::Shared)));
        let summary = lines.last().expect("a summary");
        assert!(summary.contains("\"failed\":0"), "{summary}");
        assert!(summary.contains("libnnrp.so\""), "{summary}");
    }
}

#[test]
fn every_step_passes_with_the_static_library() {
    if is_present(GCC) {
        let lines = replay(Command::new(smoke(Linkage::Static)));
        let summary = lines.last().expect("a summary");
        assert!(summary.contains("\"failed\":0"), "{summary}");
        assert!(summary.contains("\"library\":\"static\""), "{summary}");
    }
}

#[test]
fn the_replay_makes_no_memory_error_and_leaks_nothing() {
    if is_present(GCC) && is_present(VALGRIND) {
        replay(under_valgrind(&smoke(Linkage::Shared)));
    }
}
