//! Loading and unloading the shared library at run time.

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
