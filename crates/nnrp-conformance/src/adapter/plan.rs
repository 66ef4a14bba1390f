//! The execution plan of the suite (spec 17.2): what must be there is required, what may be missing is not missed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use super::AdapterError;

/// A plan of every case that ever was takes a hundredth of this.
const MAX_PLAN_BYTES: u64 = 16 << 20;

/// What the suite asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The protocol the cases belong to.
    pub protocol_version: String,
    /// The name that the suite knows this implementation by.
    pub implementation_name: Option<String>,
    /// The cases in their order.
    pub cases: Vec<PlannedCase>,
}

/// One case of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCase {
    /// Its id.
    pub id: String,
}

impl Plan {
    /// Reads a plan from a file.
    pub fn read(path: &Path) -> Result<Self, AdapterError> {
        let refused = |what| AdapterError::Plan {
            path: path.to_owned(),
            what,
        };
        let mut text = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_PLAN_BYTES + 1).read_to_end(&mut text))
            .map_err(|error| refused(format!("cannot be read: {error}; check the path")))?;
        if text.len() as u64 > MAX_PLAN_BYTES {
            return Err(refused(format!(
                "is larger than {MAX_PLAN_BYTES} bytes; split it"
            )));
        }
        Self::parse(&text).map_err(refused)
    }

    /// Reads a plan from its bytes; an error says what is wrong, where, and what to do.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(text)
            .map_err(|error| format!("is not JSON: {error}; let the suite write it again"))?;
        let plan = object(&value, "the plan")?;
        let cases = match plan.get("cases") {
            Some(Value::Array(cases)) => cases,
            Some(other) => return Err(wrong("cases", "an array of cases", other)),
            None => return Err(missing("cases", "an array of cases")),
        };
        Ok(Self {
            protocol_version: required_text(plan, "", "protocol_version")?,
            implementation_name: match plan.get("implementation_name") {
                None => None,
                Some(Value::String(name)) => Some(name.clone()),
                Some(other) => return Err(wrong("implementation_name", "a text", other)),
            },
            cases: cases
                .iter()
                .enumerate()
                .map(|(index, case)| planned_case(case, &format!("cases[{index}]")))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn planned_case(value: &Value, place: &str) -> Result<PlannedCase, String> {
    let case = object(value, place)?;
    Ok(PlannedCase {
        id: required_text(case, &format!("{place}."), "id")?,
    })
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, String> {
    let found = value.as_object();
    found.ok_or_else(|| wrong(place, "an object", value))
}

fn required_text(of: &Map<String, Value>, prefix: &str, key: &str) -> Result<String, String> {
    let (place, wanted) = (format!("{prefix}{key}"), "a text that is not empty");
    match of.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(other) => Err(wrong(&place, wanted, other)),
        None => Err(missing(&place, wanted)),
    }
}

fn missing(place: &str, wanted: &str) -> String {
    format!("{place} is missing; it has to be {wanted}")
}

fn wrong(place: &str, wanted: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("{place} is {found}; it has to be {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plan_of_the_least_that_is_required_is_a_plan() {
        let text = br#"{"protocol_version":"nnrp-1-preview3","cases":[{"id":"a"},{"id":"b"}]}"#;
        let plan = Plan::parse(text).expect("a plan");
        assert_eq!(plan.protocol_version, "nnrp-1-preview3");
        assert_eq!(plan.implementation_name, None);
        let ids: Vec<&str> = plan.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_remedy() {
        for (text, told) in [
            ("", "is not JSON"),
            ("{\"cases\":[]", "is not JSON"),
            ("{} {}", "is not JSON"),
            ("[]", "the plan is an array; it has to be an object"),
            ("{}", "cases is missing; it has to be an array"),
            (r#"{"cases":{}}"#, "cases is an object"),
            (r#"{"cases":[]}"#, "protocol_version is missing"),
            (
                r#"{"protocol_version":"","cases":[]}"#,
                "protocol_version is an empty text",
            ),
            (
                r#"{"protocol_version":3,"cases":[]}"#,
                "protocol_version is a number",
            ),
            (
                r#"{"protocol_version":"p","cases":[{"id":"a"},7]}"#,
                "cases[1] is a number; it has to be an object",
            ),
            (
                r#"{"protocol_version":"p","cases":[{}]}"#,
                "cases[0].id is missing",
            ),
            (
                r#"{"protocol_version":"p","cases":[{"id":""}]}"#,
                "cases[0].id is an empty text",
            ),
            (
                r#"{"protocol_version":"p","implementation_name":null,"cases":[]}"#,
                "implementation_name is null",
            ),
        ] {
            let refused = Plan::parse(text.as_bytes()).expect_err(text);
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_plan_that_panics(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Plan::parse(&text);
        }

        #[test]
        fn no_json_is_a_plan_that_panics(text in "[\\[\\]{}\",:0-9a-z_]{0,80}") {
            let _ = Plan::parse(text.as_bytes());
        }

        #[test]
        fn ids_come_through_as_they_are(ids in proptest::collection::vec("\\PC{1,20}", 0..8)) {
            let cases: Vec<Value> = ids.iter().map(|id| serde_json::json!({ "id": id })).collect();
            let text = serde_json::json!({ "protocol_version": "p", "cases": cases }).to_string();
            let plan = Plan::parse(text.as_bytes()).expect("a plan");
            let read: Vec<String> = plan.cases.into_iter().map(|case| case.id).collect();
            prop_assert_eq!(read, ids);
        }
    }
}
