//! The result report (spec 17.3): its shape, and a place it is written to in one piece.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::AdapterError;

const SCHEMA: &str = "https://raw.githubusercontent.com/NagareWorks/nnrp-conformance/main/schemas/adapter-case-results.schema.json";

/// What came of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    #[serde(rename = "$schema")]
    schema: &'static str,
    /// The plan's.
    pub protocol_version: String,
    /// The plan's, or else our own.
    pub implementation_name: String,
    /// One element a case, in the order of the plan.
    pub results: Vec<CaseResult>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// The case.
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The kind of failure; none on pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_kind: Option<&'static str>,
    /// What is wrong; none on pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What came of a case. Nothing is ever skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Executed, and good.
    Pass,
    /// Executed, and bad.
    Fail,
    /// Not executed.
    Error,
}

impl Report {
    /// A report of these results.
    #[must_use]
    pub fn new(
        protocol_version: String,
        implementation_name: String,
        results: Vec<CaseResult>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            protocol_version,
            implementation_name,
            results,
        }
    }

    /// The bytes of the file: pretty JSON and a final newline.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and lists of them: nothing in it can fail to become JSON.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// A file that can be written, found out before the first case runs.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// The file that `path` leads to.
    target: PathBuf,
    /// A device or a pipe cannot be replaced, only written to.
    is_special: bool,
}

impl Place {
    /// Makes the folder of the report and tries whether the file can be written.
    pub(super) fn prepare(path: &Path) -> Result<Self, AdapterError> {
        let refused = |what| AdapterError::Report {
            path: path.to_owned(),
            what,
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(|error| {
            let folder = folder.display();
            refused(format!(
                "its folder {folder} cannot be made: {error}; choose another one"
            ))
        })?;
        // A link stays one: what it leads to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let present = fs::metadata(&target).ok();
        if present.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(refused("is a folder; give the path of a file".to_owned()));
        }
        let is_special = present.as_ref().is_some_and(|file| !file.is_file());
        let place = Self {
            path: path.to_owned(),
            target,
            is_special,
        };
        if !is_special {
            place
                .try_to_write(present.is_some())
                .map_err(|error| place.not_writable(&error))?;
        }
        Ok(place)
    }

    /// Writes the report, all of it or nothing.
    pub(super) fn write(&self, report: &Report) -> Result<(), AdapterError> {
        let bytes = report.to_bytes();
        let written = if self.is_special {
            let file = OpenOptions::new().write(true).open(&self.target);
            file.and_then(|mut file| file.write_all(&bytes))
        } else {
            self.replace(&bytes)
        };
        written.map_err(|error| self.not_writable(&error))
    }

    fn try_to_write(&self, exists: bool) -> io::Result<()> {
        if exists {
            OpenOptions::new().write(true).open(&self.target)?;
        }
        let beside = self.beside();
        File::create(&beside)?;
        fs::remove_file(&beside)
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let beside = self.beside();
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        let replaced = written.and_then(|()| fs::rename(&beside, &self.target));
        if replaced.is_err() {
            // What cannot be removed either says no more than the error that is told.
            let _ = fs::remove_file(&beside);
        }
        replaced
    }

    /// A name in the same folder, so that renaming replaces the report in one step.
    fn beside(&self) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.target.file_name().unwrap_or_default());
        name.push(format!(".{}", std::process::id()));
        self.target.with_file_name(name)
    }

    fn not_writable(&self, error: &io::Error) -> AdapterError {
        AdapterError::Report {
            path: self.path.clone(),
            what: format!("cannot be written: {error}; choose a file that can be"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_pretty_json_with_a_final_newline_and_no_key_too_many() {
        let results = vec![
            CaseResult {
                id: "good".into(),
                outcome: Outcome::Pass,
                failure_kind: None,
                message: None,
            },
            CaseResult {
                id: "bad \"ü\"".into(),
                outcome: Outcome::Error,
                failure_kind: Some("not_implemented"),
                message: Some("no such case".into()),
            },
        ];
        let report = Report::new("nnrp-1-preview3".into(), "theirs".into(), results);
        let text = String::from_utf8(report.to_bytes()).expect("UTF-8");
        let expected = format!(
            "{{\n  \"$schema\": \"{SCHEMA}\",\n  \"protocol_version\": \"nnrp-1-preview3\",\n  \
             \"implementation_name\": \"theirs\",\n  \"results\": [\n    {{\n      \"id\": \"good\",\n      \
             \"outcome\": \"pass\"\n    }},\n    {{\n      \"id\": \"bad \\\"ü\\\"\",\n      \
             \"outcome\": \"error\",\n      \"failure_kind\": \"not_implemented\",\n      \
             \"message\": \"no such case\"\n    }}\n  ]\n}}\n"
        );
        assert_eq!(text, expected);
    }
}
