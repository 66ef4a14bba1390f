//! The page that says what does the work of each published function: it names them all, and nothing that does not exist.

use crate::published_names::PUBLISHED;

const PAGE: &str = include_str!("../../../../docs/c-abi.md");
const EXPORTS: &str = include_str!("../../exports/nnrp.def");

/// Names of functions in the cells of a row, without its last one, which is prose.
fn names(cell: &str) -> Vec<&str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.starts_with("nnrp_")).collect()
}

fn rows() -> Vec<Vec<&'static str>> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `nnrp_"));
    rows.map(|row| row.split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_published_function_has_a_row_and_no_row_is_about_another() {
    let mut named: Vec<&str> = rows().iter().flat_map(|row| names(row[1])).collect();
    named.sort_unstable();
    assert_eq!(named, PUBLISHED);
}

#[test]
fn every_function_that_a_row_names_as_ours_is_exported() {
    let exported: Vec<&str> = EXPORTS.lines().map(str::trim).collect();
    for row in rows() {
        let ours: Vec<&str> = row[2..].iter().flat_map(|cell| names(cell)).collect();
        for name in ours {
            assert!(exported.contains(&name), "{name} in the row of {}", row[1]);
        }
    }
}
