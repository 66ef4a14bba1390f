//! Each header stands alone, may be included twice, and has in C and C++ the layout that the ABI model says.

use crate::programs::*;
use std::fs;

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
        let unit = built().join(format!("include-{name}.c"));
        fs::write(&unit, format!("{include}{include}int declared_once;\n"))
            .expect("it is writable");
        for standard in [Standard::C11, Standard::Cpp17] {
            check("gcc", &unit, standard);
        }
    }
}

#[test]
fn the_generated_layout_asserts_hold() {
    for compiler in [GCC, CLANG] {
        if is_present(compiler) {
            for standard in [Standard::C11, Standard::Cpp17] {
                check(compiler.program, &source("layout.g.c"), standard);
            }
        }
    }
}
