//! The log of `nnrp-echo` on stderr: one line for each event of the runtime, above all for each connection that ended.
//!
//! A reader of stderr that does not read must not hold up the server, so a thread of its own writes, and lines for which it has no room are counted
//! instead.

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span;

/// Lines that may wait for the writer.
const MAX_WAITING: usize = 4096;
/// How long the end of the program waits for the lines that are left.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Whose events are of interest; the libraries below say too much.
const TARGET: &str = "nnrp";

/// The log of this process; dropping it waits, for a bounded time, until what was logged is written.
#[derive(Debug)]
pub struct Log {
    lines: SyncSender<Entry>,
}

#[derive(Debug)]
enum Entry {
    Line(String),
    /// Everything before it is written when this is dropped.
    Mark(SyncSender<()>),
}

impl Log {
    /// Starts to log what is at least as grave as `level`; once in a process.
    pub fn start(level: LevelFilter) -> Result<Self, String> {
        let (lines, written) = sync_channel(MAX_WAITING);
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || write_lines(&written, &mut io::stderr()))
            .map_err(|error| format!("cannot start the thread of the log: {error}"))?;
        let subscriber = Recorder {
            level,
            lines: lines.clone(),
            lost: AtomicU64::new(0),
        };
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|error| format!("cannot log: {error}"))?;
        Ok(Self { lines })
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let (mark, passed) = sync_channel(0);
        // A full queue means that nobody reads stderr: its last words are not worth a wait.
        if self.lines.try_send(Entry::Mark(mark)).is_ok() {
            let _disconnected = passed.recv_timeout(LAST_WORDS);
        }
    }
}

fn write_lines(entries: &Receiver<Entry>, target: &mut impl io::Write) {
    for entry in entries {
        match entry {
            // A closed stderr is no reason to end, and there is nobody to tell.
            Entry::Line(line) => drop(target.write_all(line.as_bytes())),
            Entry::Mark(mark) => drop(mark),
        }
    }
}

/// Turns events into lines.
struct Recorder {
    level: LevelFilter,
    lines: SyncSender<Entry>,
    /// Lines for which there was no room since the last one that found some.
    lost: AtomicU64,
}

impl Recorder {
    fn push(&self, level: &str, line: Line) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let line = line.finish(level, lost);
        if self.lines.try_send(Entry::Line(line)).is_err() {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event()
            && *metadata.level() <= self.level
            && metadata.target().starts_with(TARGET)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        self.push(&level, line);
    }

    /// No span is enabled.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// An event in the making: its fields first, then its message.
#[derive(Default)]
struct Line {
    fields: String,
    message: String,
}

impl Line {
    fn finish(self, level: &str, lost: u64) -> String {
        let lost = match lost {
            0 => String::new(),
            lost => format!(" lines_lost={lost}"),
        };
        let Self { fields, message } = self;
        let message = one_line(&message);
        format!("nnrp-echo: {level}{lost}{fields}: {message}\n")
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.fields, " {}={}", field.name(), one_line(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// Nothing that a peer has a part in breaks a line or moves the cursor of a terminal.
fn one_line(text: &str) -> String {
    let harmless = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_whatever_its_event_says() {
        let line = Line {
            fields: " reason=x".into(),
            message: "two\nlines\u{1b}[2J".into(),
        };
        assert_eq!(
            line.finish("warn", 3),
            "nnrp-echo: warn lines_lost=3 reason=x: two lines [2J\n"
        );
    }

    #[test]
    fn lines_without_a_reader_are_counted_and_never_waited_for() {
        let (lines, entries) = sync_channel(1);
        let subscriber = Recorder {
            level: LevelFilter::INFO,
            lines,
            lost: AtomicU64::new(0),
        };
        (0..3).for_each(|_| subscriber.push("info", Line::default()));
        assert_eq!(entries.try_iter().count(), 1);
        subscriber.push("info", Line::default());
        let Ok(Entry::Line(line)) = entries.try_recv() else {
            panic!("there is room again");
        };
        assert_eq!(line, "nnrp-echo: info lines_lost=2: \n");
    }

    #[test]
    fn what_was_logged_before_a_mark_is_written_when_the_mark_is_gone() {
        let (lines, entries) = sync_channel(10);
        let (mark, passed) = sync_channel(0);
        for entry in [Entry::Line("one\n".into()), Entry::Mark(mark)] {
            lines.send(entry).expect("room");
        }
        drop(lines);
        let mut written = Vec::new();
        write_lines(&entries, &mut written);
        assert_eq!(written, b"one\n");
        assert!(passed.recv().is_err());
    }
}
