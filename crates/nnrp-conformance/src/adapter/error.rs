//! Why the adapter wrote no report: which argument or file, where in it, and what to do.

use std::fmt;
use std::path::PathBuf;

/// A run that ends without a report.
#[derive(Debug, PartialEq, Eq)]
pub enum AdapterError {
    /// The command line or the environment is wrong.
    Usage(String),
    /// The plan cannot be read, or is none.
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and what to do.
        what: String,
    },
    /// The report cannot be written.
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
}

impl AdapterError {
    /// The exit status: 1 for a report that cannot be written, 2 for what the caller gave.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Report { .. } => 1,
            Self::Usage(_) | Self::Plan { .. } => 2,
        }
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Plan { path, what } => write!(f, "plan {}: {what}", path.display()),
            Self::Report { path, what } => write!(f, "report {}: {what}", path.display()),
        }
    }
}

impl std::error::Error for AdapterError {}
