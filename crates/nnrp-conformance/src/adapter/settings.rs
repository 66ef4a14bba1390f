//! Where the plan is and where the report goes: options before the environment (spec 17.1).

use std::ffi::OsString;
use std::path::PathBuf;

use super::AdapterError;

const PLAN_OPTION: &str = "--plan";
const REPORT_OPTION: &str = "--output";
const PLAN_VARIABLE: &str = "NNRP_CONFORMANCE_ADAPTER_PLAN";
const REPORT_VARIABLE: &str = "NNRP_CONFORMANCE_ADAPTER_RESULTS";

/// The two files of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    /// The execution plan to read.
    pub plan: PathBuf,
    /// The result report to write.
    pub report: PathBuf,
}

impl Settings {
    /// Reads the arguments after the program's name; `variable` looks the environment up.
    pub fn parse(
        arguments: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, AdapterError> {
        let (mut plan, mut report) = (None, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (option, place) = match argument.to_str() {
                Some(PLAN_OPTION) => (PLAN_OPTION, &mut plan),
                Some(REPORT_OPTION) => (REPORT_OPTION, &mut report),
                _ => return Err(unknown(&argument)),
            };
            let value = arguments.next().ok_or_else(|| {
                AdapterError::Usage(format!("{option} has no value; give it a path"))
            })?;
            // The last of a repeated option wins, but no empty one is passed over.
            *place = Some(path(option, value)?);
        }
        Ok(Self {
            plan: chosen(plan, PLAN_OPTION, PLAN_VARIABLE, &variable)?,
            report: chosen(report, REPORT_OPTION, REPORT_VARIABLE, &variable)?,
        })
    }
}

fn chosen(
    given: Option<PathBuf>,
    option: &str,
    name: &str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, AdapterError> {
    match (given, variable(name)) {
        (Some(given), _) => Ok(given),
        (None, Some(value)) => path(name, value),
        (None, None) => Err(AdapterError::Usage(format!(
            "neither {option} nor {name} is given; give one of them a path"
        ))),
    }
}

fn path(name: &str, value: OsString) -> Result<PathBuf, AdapterError> {
    if value.is_empty() {
        let what = format!("{name} is empty; give it a path");
        return Err(AdapterError::Usage(what));
    }
    Ok(value.into())
}

fn unknown(argument: &OsString) -> AdapterError {
    AdapterError::Usage(format!(
        "unknown argument \"{}\"; {PLAN_OPTION} <path> and {REPORT_OPTION} <path> are the only ones",
        argument.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Settings, AdapterError> {
        let find = |name: &str| {
            let mut all = environment.iter();
            all.find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        };
        Settings::parse(arguments.iter().map(OsString::from), find)
    }

    fn paths(plan: &str, report: &str) -> Settings {
        Settings {
            plan: plan.into(),
            report: report.into(),
        }
    }

    const BOTH: [(&str, &str); 2] = [(PLAN_VARIABLE, "e-plan"), (REPORT_VARIABLE, "e-report")];

    #[test]
    fn options_win_over_the_environment_and_the_last_one_over_the_others() {
        assert_eq!(parse(&[], &BOTH), Ok(paths("e-plan", "e-report")));
        let one = parse(&["--plan", "o"], &BOTH);
        assert_eq!(one, Ok(paths("o", "e-report")));
        let arguments = [
            "--output", "a", "--plan", "b", "--output", "c", "--plan", "d",
        ];
        assert_eq!(parse(&arguments, &[]), Ok(paths("d", "c")));
    }

    #[test]
    fn an_empty_value_is_an_error_and_falls_back_to_nothing() {
        for arguments in [["--plan", ""], ["--output", ""]] {
            let told = parse(&arguments, &BOTH).unwrap_err().to_string();
            assert!(
                told.contains(arguments[0]) && told.contains("empty"),
                "{told}"
            );
        }
        let told = parse(&[], &[(PLAN_VARIABLE, ""), BOTH[1]]).unwrap_err();
        assert!(told.to_string().contains(PLAN_VARIABLE), "{told}");
        assert!(parse(&["--plan", "p", "--plan", "", "--output", "o"], &[]).is_err());
    }

    #[test]
    fn an_unused_variable_is_not_looked_at() {
        let environment = [(PLAN_VARIABLE, ""), (REPORT_VARIABLE, "")];
        let given = parse(&["--plan", "p", "--output", "o"], &environment);
        assert_eq!(given, Ok(paths("p", "o")));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (arguments, named) in [
            (&["--plan"][..], "--plan has no value"),
            (&["--output", "o", "--plan"], "--plan has no value"),
            (&["--plan", "p"], REPORT_VARIABLE),
            (&["--output", "o"], PLAN_VARIABLE),
            (&["--plan=p", "--output=o"], "\"--plan=p\""),
            (&["--verbose"], "\"--verbose\""),
            (&["plan.json"], "\"plan.json\""),
            (&[""], "\"\""),
        ] {
            let told = parse(arguments, &[]).unwrap_err();
            assert_eq!(told.exit_code(), 2);
            assert!(told.to_string().contains(named), "{told}");
        }
    }
}
