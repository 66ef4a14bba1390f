//! What a call has measured, as the one line of JSON that the harness reads.

use std::time::Duration;

/// A finished call.
#[derive(Debug)]
pub struct Outcome {
    /// Exchanges.
    pub count: u64,
    /// All of them together.
    pub elapsed: Duration,
    /// Each of them, where they did not overlap.
    pub latencies: Vec<Duration>,
}

impl Outcome {
    /// One object with the names that `nnrp-echo call --json` uses.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
    pub fn json(mut self) -> String {
        self.latencies.sort_unstable();
        let seconds = self.elapsed.as_secs_f64();
        format!(
            r#"{{"count":{},"seconds":{seconds:.6},"per_second":{:.1},"p50_us":{:.3},"p99_us":{:.3}}}"#,
            self.count,
            self.count as f64 / seconds,
            self.percentile(50),
            self.percentile(99),
        )
    }

    /// Microseconds; the latencies are sorted.
    fn percentile(&self, percent: usize) -> f64 {
        let index = self.latencies.len() * percent / 100;
        self.latencies
            .get(index)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_the_rate_and_the_percentiles() {
        let outcome = Outcome {
            count: 4,
            elapsed: Duration::from_secs(2),
            latencies: [4, 1, 3, 2].map(Duration::from_micros).to_vec(),
        };
        let expected =
            r#"{"count":4,"seconds":2.000000,"per_second":2.0,"p50_us":3.000,"p99_us":4.000}"#;
        assert_eq!(outcome.json(), expected);
    }
}
