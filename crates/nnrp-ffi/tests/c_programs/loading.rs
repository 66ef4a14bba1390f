//! What the library does to the process that it is in: loading and unloading at run time, signals.

use crate::programs::*;
use std::process::Command;

#[test]
fn the_library_may_be_unloaded_and_loaded_again_while_its_threads_run() {
    if is_present(GCC) {
        let reload = compile(
            &[source("reload.c")],
            "reload",
            Variant {
                linkage: Linkage::None,
                ..USUAL
            },
        );
        let library = built(Machine::Host).join("libnnrp.so");
        let lines = Program::start(Command::new(reload).arg(library))
            .finish()
            .succeeded();
        assert_eq!(lines, ["reloaded"]);
    }
}

#[test]
fn a_write_to_nobody_on_a_thread_of_the_library_does_not_end_the_program() {
    if is_present(GCC) {
        let program = compile(&[source("broken_pipe.c")], "broken_pipe", USUAL);
        let lines = Program::start(&mut Command::new(program))
            .finish()
            .succeeded();
        assert_eq!(lines, ["alive"]);
    }
}
