//! What the library's threads tell their lines to.

use super::layout::{NNRP_LOG_DEBUG, NNRP_LOG_ERROR, NNRP_LOG_INFO, NNRP_LOG_TRACE, NNRP_LOG_WARN};
use super::line::{Line, LineText, number};
use super::readers::{collect, level};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::dispatcher::DefaultGuard;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Collects what happens on the calling thread, one of the library's, until the guard is dropped.
pub(crate) fn watch_thread() -> DefaultGuard {
    tracing::dispatcher::set_default(dispatch())
}

/// Another level is wanted: where nobody listens, a line costs one load.
pub(super) fn heed_level() {
    // A process with a single subscriber asks the calling thread's.
    tracing::dispatcher::with_default(dispatch(), tracing::callsite::rebuild_interest_cache);
}

fn dispatch() -> &'static Dispatch {
    static DISPATCH: OnceLock<Dispatch> = OnceLock::new();
    DISPATCH.get_or_init(|| Dispatch::new(LineSubscriber))
}

/// Turns events into lines. Spans are not kept: the lines about a connection name its peer themselves.
#[derive(Debug)]
struct LineSubscriber;

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
