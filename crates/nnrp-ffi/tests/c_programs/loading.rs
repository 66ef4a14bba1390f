//! Loading and unloading the shared library at run time.

use crate::programs::*;
use std::process::Command;

#[test]
fn the_library_may_be_unloaded_and_loaded_again_while_its_threads_run() {
    if is_present(GCC) {
        let reload = compile(
            "gcc",
            &[source("reload.c")],
            "reload",
            Standard::C11,
            Linkage::None,
        );
        let library = built().join("libnnrp.so");
        let lines = Program::start(Command::new(reload).arg(library))
            .finish()
            .succeeded();
        assert_eq!(lines, ["reloaded"]);
    }
}
