//! The example programs: by two compilers, in two languages, for two processors, under valgrind and with sanitizers.

use crate::programs::*;
use crate::relay::relay;
use std::process::Command;

/// Gives the command that runs an example in the variant of a test.
type Run<'a> = &'a dyn Fn(&str) -> Command;

/// Every example at work.
const EXAMPLES: [fn(Run<'_>); 5] = [
    echo_client_and_server,
    streaming_results,
    reconnect_and_resume,
    cache_reuse,
    probe_and_select,
];

fn echo_client_and_server(run: Run<'_>) {
    let (server, uri) = listen(run("echo_server").arg("nnrp+tcp://127.0.0.1:0"));
    for (count, size, window) in [("200", "64", "16"), ("20", "0", "4"), ("3", "1048576", "2")] {
        let arguments = [&*uri, "--count", count, "--size", size, "--window", window];
        let lines = Program::start(run("echo_client").args(arguments))
            .finish()
            .succeeded();
        assert_eq!(lines, [format!("closed after {count} echoes")]);
    }
    server.finish().succeeded();
}

fn streaming_results(run: Run<'_>) {
    for uri in ["nnrp+mem://streaming", "nnrp+tcp://127.0.0.1:0"] {
        let lines = Program::start(run("streaming_results").arg(uri))
            .finish()
            .succeeded();
        assert_eq!(lines, ["Parts of a result travel as they arise."]);
    }
}

fn reconnect_and_resume(run: Run<'_>) {
    let (echo, uri) = echo();
    let server = uri.strip_prefix("nnrp+tcp://").expect("an address");
    let between = relay(server.parse().expect("an address"), 2);
    let uri = format!("nnrp+tcp://{between}");
    let lines = Program::start(run("reconnect_resume").args([&*uri, "500"]))
        .finish()
        .succeeded();
    let last = lines.last().map(String::as_str);
    assert_eq!(last, Some("500 results, each once, over 2 losses"));
    echo.kill();
}

fn cache_reuse(run: Run<'_>) {
    for uri in ["nnrp+mem://cache", "nnrp+tcp://127.0.0.1:0"] {
        let lines = Program::start(run("cache_reuse").arg(uri))
            .finish()
            .succeeded();
        assert_eq!(lines, ["1 object stored, named by 4 submits, 4 results"]);
    }
}

fn probe_and_select(run: Run<'_>) {
    let lines = Program::start(&mut run("probe_select"))
        .finish()
        .succeeded();
    assert!(lines[0].ends_with("may be used, 3 samples"), "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("connected"));
}

fn all_examples(variant: Variant) {
    let run = |name: &str| variant.command(compile(&[example(name)], name, variant));
    for work in EXAMPLES {
        work(&run);
    }
}

fn in_both_languages(variant: Variant) {
    for standard in [Standard::C11, Standard::Cpp17] {
        all_examples(Variant {
            standard,
            ..variant
        });
    }
}

#[test]
fn the_examples_work_as_c_and_cpp_of_gcc() {
    if is_present(GCC) {
        in_both_languages(USUAL);
    }
}

#[test]
fn the_examples_work_with_the_static_library() {
    if is_present(GCC) {
        all_examples(Variant {
            linkage: Linkage::Static,
            ..USUAL
        });
    }
}

#[test]
fn the_examples_work_as_c_and_cpp_of_clang() {
    if is_present(CLANG) {
        in_both_languages(Variant {
            compiler: Compiler::Clang,
            ..USUAL
        });
    }
}

#[test]
fn the_examples_work_on_32_bit_x86() {
    if !is_i686_present() {
        return;
    }
    let i686 = Variant {
        machine: Machine::I686,
        ..USUAL
    };
    in_both_languages(i686);
    if is_present(CLANG) {
        in_both_languages(Variant {
            compiler: Compiler::Clang,
            ..i686
        });
    }
}

#[test]
fn the_examples_make_no_memory_error_and_leak_nothing() {
    if !is_present(GCC) || !is_present(VALGRIND) {
        return;
    }
    let run = |name: &str| under_valgrind(&compile(&[example(name)], name, USUAL));
    for work in EXAMPLES {
        work(&run);
    }
}

#[test]
fn the_examples_are_clean_to_the_address_and_undefined_behaviour_sanitizers() {
    if is_present(GCC) {
        in_both_languages(Variant {
            sanitized: true,
            ..USUAL
        });
    }
}
