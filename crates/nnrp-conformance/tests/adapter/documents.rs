//! The page about the adapter and the manifest for the suite say what the catalogue says.

use std::fs;
use std::path::Path;

use nnrp_conformance::adapter::CASES;
use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_page_has_a_row_for_each_case_with_its_rules() {
    let page = read("../../docs/conformance.md");
    let rows: Vec<(String, String, String)> = page
        .lines()
        .filter(|line| line.starts_with("| `l"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
            let mut cell = || cells.next().unwrap_or_default().to_owned();
            (cell(), cell(), cell())
        })
        .collect();
    assert_eq!(rows.len(), CASES.len());
    for (case, (id, executed, rules)) in CASES.iter().zip(&rows) {
        assert_eq!(*id, format!("`{}`", case.id));
        assert!(executed.len() > 10, "{id}: {executed}");
        let wanted: Vec<String> = case.rules.iter().map(|rule| format!("`{rule}`")).collect();
        assert_eq!(*rules, wanted.join(", "), "{id}");
    }
}

#[test]
fn the_manifest_claims_every_capability_once() {
    let manifest: Value = serde_json::from_str(&read("capabilities.json")).expect("JSON");
    let keys: Vec<&String> = manifest.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        ["implementation_name", "protocol_version", "supports"]
    );
    assert_eq!(manifest["implementation_name"], "nnrp");
    assert_eq!(manifest["protocol_version"], "nnrp-1-preview3");
    let supports = manifest["supports"].as_array().expect("a list");
    let tokens: Vec<&str> = supports.iter().filter_map(Value::as_str).collect();
    assert_eq!((tokens.len(), supports.len()), (15, 15));
    assert!(tokens.is_sorted_by(|a, b| a < b), "{tokens:?}");
}
