//! The program `nnrp-conformance-adapter`: command line, environment, files, exit statuses (spec 17.1, 17.3).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// A folder of its own, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("nnrp-adapter-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PLAN_VARIABLE: &str = "NNRP_CONFORMANCE_ADAPTER_PLAN";
const REPORT_VARIABLE: &str = "NNRP_CONFORMANCE_ADAPTER_RESULTS";
const SMALL: &str =
    r#"{"protocol_version":"nnrp-1-preview3","cases":[{"id":"l0.header.roundtrip.basic"}]}"#;

fn adapter(arguments: &[&Path], environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nnrp-conformance-adapter"));
    command
        .env_remove(PLAN_VARIABLE)
        .env_remove(REPORT_VARIABLE);
    command.args(arguments).envs(environment.iter().copied());
    command.output().expect("the program runs")
}

fn option(name: &str) -> &Path {
    Path::new(name)
}

fn report_in(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a report")).expect("JSON")
}

#[test]
fn a_plan_of_the_suite_becomes_a_report_in_its_order_and_name() {
    let folder = Folder::new();
    let case = |id: &str| {
        json!({
            "id": id, "layer": "L0", "status": "mandatory", "feature": "f",
            "required_capabilities": [], "description": "d", "parameters": {}
        })
    };
    let plan = json!({
        "$schema": "s", "protocol_version": "nnrp-1-preview3", "suite_version": "0.1.0",
        "implementation_name": "whoever it is",
        "artifacts": { "results_path": "r", "evidence_dir": "e" },
        "cases": [case("l1.handshake.basic"), case("no.such.case"), case("l0.header.roundtrip.basic")]
    });
    let plan = folder.file("plan.json", &plan.to_string());
    let report = folder
        .0
        .join("several/folders/that/are/not/there/report.json");
    let output = adapter(&[option("--plan"), &plan, option("--output"), &report], &[]);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&report).expect("a report");
    assert!(
        text.starts_with("{\n  \"$schema\": ") && text.ends_with("\n}\n"),
        "{text}"
    );
    let report = report_in(&report);
    assert_eq!(report["protocol_version"], "nnrp-1-preview3");
    assert_eq!(report["implementation_name"], "whoever it is");
    let results = report["results"].as_array().expect("results");
    let outcomes: Vec<(&Value, &Value)> = results
        .iter()
        .map(|result| (&result["id"], &result["outcome"]))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&json!("l1.handshake.basic"), &json!("pass")),
            (&json!("no.such.case"), &json!("error")),
            (&json!("l0.header.roundtrip.basic"), &json!("pass")),
        ]
    );
    assert_eq!(results[1]["failure_kind"], "not_implemented");
    assert_eq!(
        results[0],
        json!({ "id": "l1.handshake.basic", "outcome": "pass" })
    );
}

#[test]
fn the_environment_serves_where_no_option_is_given() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", SMALL);
    let (by_variable, by_option) = (folder.0.join("variable.json"), folder.0.join("option.json"));
    let environment = [
        (PLAN_VARIABLE, plan.as_path()),
        (REPORT_VARIABLE, &by_variable),
    ];
    assert!(adapter(&[], &environment).status.success());
    assert_eq!(report_in(&by_variable)["implementation_name"], "nnrp");
    assert!(
        adapter(&[option("--output"), &by_option], &environment)
            .status
            .success()
    );
    assert_eq!(report_in(&by_option), report_in(&by_variable));
}

#[test]
fn a_wrong_call_says_what_is_wrong_and_writes_nothing() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", SMALL);
    let report = folder.0.join("new/report.json");
    let none = folder.0.join("none.json");
    let text = folder.file("text.json", "not JSON");
    let shape = folder.file(
        "shape.json",
        r#"{"protocol_version":"p","cases":[{"id":1}]}"#,
    );
    let empty = Path::new("");
    for (arguments, said) in [
        (vec![option("--plan"), &plan], REPORT_VARIABLE),
        (vec![option("--output"), &report], PLAN_VARIABLE),
        (
            vec![option("--plan"), &plan, option("--output")],
            "--output has no value",
        ),
        (
            vec![option("--plan"), empty, option("--output"), &report],
            "--plan is empty",
        ),
        (
            vec![option("--plan"), &plan, option("--output"), empty],
            "--output is empty",
        ),
        (
            vec![
                option("--plan"),
                &plan,
                option("--output"),
                &report,
                option("more"),
            ],
            "\"more\"",
        ),
        (
            vec![option("--plan"), &none, option("--output"), &report],
            "none.json",
        ),
        (
            vec![option("--plan"), &folder.0, option("--output"), &report],
            "cannot be read",
        ),
        (
            vec![option("--plan"), &text, option("--output"), &report],
            "is not JSON",
        ),
        (
            vec![option("--plan"), &shape, option("--output"), &report],
            "cases[0].id",
        ),
    ] {
        let output = adapter(&arguments, &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(said), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(folder.names(), ["plan.json", "shape.json", "text.json"]);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_and_leaves_what_was_there() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", SMALL);
    let file = folder.file("file", "kept");
    for report in [
        folder.0.clone(),
        file.join("report.json"),
        file.join("folder/report.json"),
    ] {
        let output = adapter(&[option("--plan"), &plan, option("--output"), &report], &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            output.status.code(),
            Some(1),
            "{}: {told}",
            report.display()
        );
        assert!(told.contains(&report.display().to_string()), "{told}");
    }
    assert_eq!(folder.names(), ["file", "plan.json"]);
    assert_eq!(fs::read_to_string(file).expect("the file"), "kept");
}

#[test]
fn an_older_report_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", SMALL);
    let report = folder.file("report.json", &"older and longer ".repeat(1000));
    let output = adapter(&[option("--plan"), &plan, option("--output"), &report], &[]);
    assert!(output.status.success());
    assert_eq!(report_in(&report)["results"][0]["outcome"], "pass");
    assert_eq!(folder.names(), ["plan.json", "report.json"]);
}

#[test]
fn a_plan_for_another_protocol_is_answered_and_nothing_of_it_passes() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", &SMALL.replace("preview3", "preview9"));
    let report = folder.0.join("report.json");
    let output = adapter(&[option("--plan"), &plan, option("--output"), &report], &[]);
    assert!(output.status.success());
    let report = report_in(&report);
    assert_eq!(report["protocol_version"], "nnrp-1-preview9");
    assert_eq!(report["results"][0]["outcome"], "error");
    assert_eq!(report["results"][0]["failure_kind"], "not_implemented");
}

#[cfg(unix)]
#[test]
fn a_report_behind_a_link_or_in_a_device_goes_where_it_leads() {
    let folder = Folder::new();
    let plan = folder.file("plan.json", SMALL);
    let target = folder.file("target.json", "older");
    let link = folder.0.join("link.json");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    for report in [link.as_path(), Path::new("/dev/null")] {
        let output = adapter(&[option("--plan"), &plan, option("--output"), report], &[]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(report_in(&target)["results"][0]["outcome"], "pass");
}
