//! Each header stands alone, may be included twice, and has in C and C++ the layout that the ABI model says.

use crate::programs::*;
use std::fs;

/// Both languages.
const STANDARDS: [Variant; 2] = [
    USUAL,
    Variant {
        standard: Standard::Cpp17,
        ..USUAL
    },
];

#[test]
fn each_header_stands_alone_and_may_be_included_twice() {
    if !is_present(GCC) {
        return;
    }
    let folder = repository().join("include/nnrp");
    for entry in fs::read_dir(folder).expect("the headers are in the repository") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "h") {
            continue;
        }
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("UTF-8");
        let include = format!("#include <nnrp/{name}>\n");
        let unit = built(Machine::Host).join(format!("include-{name}.c"));
        fs::write(&unit, format!("{include}{include}int declared_once;\n"))
            .expect("it is writable");
        for variant in STANDARDS {
            check(&unit, variant);
        }
    }
}

#[test]
fn the_generated_layout_asserts_hold() {
    for (tool, compiler) in [(GCC, Compiler::Gcc), (CLANG, Compiler::Clang)] {
        if is_present(tool) {
            for variant in STANDARDS {
                check(
                    &source("layout.g.c"),
                    Variant {
                        compiler,
                        ..variant
                    },
                );
            }
        }
    }
}
