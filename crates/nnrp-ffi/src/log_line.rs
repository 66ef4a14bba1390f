//! Lines of the log: what the library's threads tell `tracing`, as text.

use crate::log::{
    NNRP_LOG_DEBUG, NNRP_LOG_ERROR, NNRP_LOG_INFO, NNRP_LOG_TRACE, NNRP_LOG_WARN, collect, level,
};
use std::fmt::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Longest line; what a peer makes us say must not grow without bound.
const LONGEST_LINE: usize = 4096;

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) time_us: u64,
    /// `NNRP_LOG_*`.
    pub(crate) level: u32,
    pub(crate) text: String,
}

/// Turns events into lines. Spans are not kept: the lines about a connection name its peer themselves.
#[derive(Debug)]
pub(crate) struct LineSubscriber;

impl Subscriber for LineSubscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (wanted, level) = (level(), number(*metadata.level()));
        // The libraries below speak up for warnings, unless everything is asked for.
        let is_ours = metadata.target().starts_with("nnrp");
        level <= wanted && (is_ours || level <= NNRP_LOG_WARN || wanted == NNRP_LOG_TRACE)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match level() {
            NNRP_LOG_ERROR => LevelFilter::ERROR,
            NNRP_LOG_WARN => LevelFilter::WARN,
            NNRP_LOG_INFO => LevelFilter::INFO,
            NNRP_LOG_DEBUG => LevelFilter::DEBUG,
            NNRP_LOG_TRACE => LevelFilter::TRACE,
            _ => LevelFilter::OFF,
        })
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = LineText::default();
        event.record(&mut text);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time_us = now.map_or(0, |time| time.as_micros());
        collect(Line {
            time_us: u64::try_from(time_us).unwrap_or(u64::MAX),
            level: number(*event.metadata().level()),
            text: text.finish(),
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn number(level: Level) -> u32 {
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
struct LineText {
    message: String,
    fields: String,
}

impl LineText {
    fn finish(self) -> String {
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
