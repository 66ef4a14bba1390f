//! One line of the log: the level and the text of what a thread of the library told `tracing`.

use super::layout::{NNRP_LOG_DEBUG, NNRP_LOG_ERROR, NNRP_LOG_INFO, NNRP_LOG_TRACE, NNRP_LOG_WARN};
use std::fmt::{self, Write as _};
use tracing::Level;
use tracing::field::{Field, Visit};

/// Longest line; what a peer makes us say must not grow without bound.
const LONGEST_LINE: usize = 4096;

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) time_us: u64,
    /// `NNRP_LOG_*`.
    pub(super) level: u32,
    pub(super) text: String,
}

/// `NNRP_LOG_*` of a level.
pub(super) fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => NNRP_LOG_ERROR,
        Level::WARN => NNRP_LOG_WARN,
        Level::INFO => NNRP_LOG_INFO,
        Level::DEBUG => NNRP_LOG_DEBUG,
        Level::TRACE => NNRP_LOG_TRACE,
    }
}

/// The message, and the fields that stand behind it.
#[derive(Debug, Default)]
pub(super) struct LineText {
    message: String,
    fields: String,
}

impl LineText {
    /// As it is delivered.
    pub(super) fn finish(self) -> String {
        let mut line = self.message + &self.fields;
        line.truncate(line.floor_char_boundary(LONGEST_LINE));
        line.replace(['\n', '\r'], " ")
    }
}

impl Visit for LineText {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }
}
