//! What a call found: counts, errors and times, as a sentence or a line of JSON.

use std::fmt::{Display, Write};
use std::time::Duration;

use crate::arguments::Call;

/// What a call found.
#[derive(Debug, Default)]
pub struct Report {
    /// Submits that left.
    pub submitted: u64,
    /// Complete results with the right body.
    pub results: u64,
    /// Drops.
    pub drops: u64,
    /// Everything that went wrong.
    pub errors: Vec<String>,
    /// From the first submit to the last answer.
    pub elapsed: Duration,
    latencies_us: Vec<u32>,
}

/// Latencies kept; a longer call reports the first ones.
const MAX_LATENCIES: usize = 4_000_000;
/// Errors kept; the rest would say the same.
const MAX_ERRORS: usize = 20;

impl Report {
    /// Of a call that never began.
    pub(super) fn failed(error: &dyn Display) -> Self {
        let mut report = Self::default();
        report.fail(error);
        report
    }

    /// Whether every submit was answered and nothing went wrong.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.errors.is_empty() && self.results + self.drops == self.submitted
    }

    /// The report as one line of JSON.
    #[must_use]
    pub fn json(&mut self, call: &Call) -> String {
        let (p50, p99) = (self.percentile(50), self.percentile(99));
        let mut line = String::from("{\"uri\":");
        push_json_string(&mut line, &call.uri);
        let seconds = self.elapsed.as_secs_f64();
        // Writing to a String cannot fail.
        let _ = write!(
            line,
            ",\"count\":{},\"size\":{},\"in_flight\":{},\"seconds\":{seconds:.6},\"results\":{},\"drops\":{},\"errors\":{},\
             \"per_second\":{:.1},\"p50_us\":{p50},\"p99_us\":{p99}}}",
            self.submitted,
            call.size,
            call.in_flight,
            self.results,
            self.drops,
            self.errors.len(),
            self.per_second(),
        );
        line
    }

    /// The report as a sentence.
    #[must_use]
    pub fn sentence(&mut self, call: &Call) -> String {
        let (p50, p99) = (self.percentile(50), self.percentile(99));
        format!(
            "{}: {} submits of {} bytes, {} results, {} drops, {} errors in {:.3} s ({:.0} a second, p50 {p50} us, p99 {p99} us)",
            call.uri,
            self.submitted,
            call.size,
            self.results,
            self.drops,
            self.errors.len(),
            self.elapsed.as_secs_f64(),
            self.per_second(),
        )
    }

    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
    fn per_second(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 {
            (self.results + self.drops) as f64 / seconds
        } else {
            0.0
        }
    }

    fn percentile(&mut self, percent: usize) -> u32 {
        let count = self.latencies_us.len();
        if count == 0 {
            return 0;
        }
        let index = (count * percent / 100).min(count - 1);
        *self.latencies_us.select_nth_unstable(index).1
    }

    /// An answer took so long.
    pub(super) fn note_latency(&mut self, latency: Duration) {
        if self.latencies_us.len() < MAX_LATENCIES {
            let latency = u32::try_from(latency.as_micros());
            self.latencies_us.push(latency.unwrap_or(u32::MAX));
        }
    }

    /// Something went wrong.
    pub(super) fn fail(&mut self, error: &dyn Display) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error.to_string());
        }
    }
}

fn push_json_string(line: &mut String, text: &str) {
    line.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => line.extend(['\\', character]),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(line, "\\u{:04x}", u32::from(control));
            }
            other => line.push(other),
        }
    }
    line.push('"');
}
