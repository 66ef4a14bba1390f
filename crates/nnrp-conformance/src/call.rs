//! `nnrp-echo call`: submits, counts and times the answers.

use std::collections::VecDeque;
use std::fmt::{Display, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use nnrp_core::code::SessionCloseStatus;
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    CommandError, ConnectionEnd, ConnectionHandle, Event, EventSink, SessionKey, SessionOptions,
    Submission, connect,
};
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::arguments::Call;
use crate::certificate::trust;

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

/// Longest wait for a single answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Latencies kept; a longer call reports the first ones.
const MAX_LATENCIES: usize = 4_000_000;
/// Errors kept; the rest would say the same.
const MAX_ERRORS: usize = 20;

impl Report {
    /// Of a call that never began.
    fn failed(error: &dyn Display) -> Self {
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

    fn fail(&mut self, error: &dyn Display) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error.to_string());
        }
    }
}

/// Runs a call on the current single-thread runtime.
pub async fn call(settings: &Call) -> Report {
    let mut connection = settings.options.clone();
    match trust(settings) {
        Ok(security) => connection.security = security,
        Err(error) => return Report::failed(&error),
    }
    let caller = Arc::new(Caller::new(settings));
    let sink: Arc<dyn EventSink> = Arc::<Caller>::clone(&caller);
    let endpoint = settings.endpoint.clone();
    let connection = connect(endpoint, connection, sink, &Handle::current());
    let options = SessionOptions {
        max_in_flight: settings.in_flight,
        allow_resume: settings.migrate_to.is_some(),
        ..SessionOptions::default()
    };
    let session = connection.open_session(&options);
    {
        let mut state = caller.lock();
        match session {
            Ok(session) => state.session = Some((connection.clone(), session)),
            Err(error) => state.report.fail(&error),
        }
    }
    caller.wait().await;
    connection.close();
    std::mem::take(&mut caller.lock().report)
}

/// Submits and checks answers inside the task of the connection.
struct Caller {
    count: Option<u64>,
    duration: Option<Duration>,
    in_flight: usize,
    body: Bytes,
    state: Mutex<State>,
    over: Notify,
}

#[derive(Default)]
struct State {
    session: Option<(ConnectionHandle, SessionKey)>,
    open: bool,
    closing: bool,
    over: bool,
    started: Option<Instant>,
    last_answer: Option<Instant>,
    /// Frames without an answer, oldest first, with the time of their submit.
    waiting: VecDeque<(u32, Instant)>,
    migration: Migration,
    report: Report,
}

/// Whether the session is to move to another transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Migration {
    /// It stays, or is where it shall be.
    #[default]
    None,
    /// In the middle of the call.
    To(Endpoint),
    UnderWay,
}

impl Caller {
    fn new(settings: &Call) -> Self {
        let body: Vec<u8> = (0..settings.size)
            .map(|index| (index % 251).to_le_bytes()[0])
            .collect();
        Self {
            count: settings.count,
            duration: settings.duration,
            in_flight: settings.in_flight.into(),
            body: body.into(),
            state: Mutex::new(State {
                migration: settings
                    .migrate_to
                    .clone()
                    .map_or(Migration::None, Migration::To),
                ..State::default()
            }),
            over: Notify::new(),
        }
    }

    /// Waits for the end of the connection, or for an answer that does not come.
    async fn wait(&self) {
        while !self.lock().over {
            if tokio::time::timeout(PATIENCE, self.over.notified())
                .await
                .is_ok()
            {
                continue;
            }
            let mut state = self.lock();
            let idle_since = state.last_answer.or(state.started);
            if idle_since.is_none_or(|since| since.elapsed() >= PATIENCE) {
                state
                    .report
                    .fail(&format!("no answer for {} s", PATIENCE.as_secs()));
                return;
            }
        }
    }

    fn handle(&self, state: &mut State, now: Instant, event: Event) {
        match event {
            Event::SessionOpened { .. } => {
                state.open = true;
                state.started = Some(now);
            }
            Event::Result {
                header,
                metadata,
                body,
                ..
            } => self.take_result(state, now, header.frame_id, &metadata, &body),
            Event::ResultDrop { header, .. } => {
                state.take_answer(now, header.frame_id, |report| report.drops += 1);
            }
            Event::FramesLost { frame_ids, .. } => {
                for frame_id in frame_ids {
                    state
                        .report
                        .fail(&format!("frame {frame_id}: its answer is lost"));
                }
            }
            Event::Migrated { .. } => state.migration = Migration::None,
            Event::MigrationFailed { reason } => {
                state.migration = Migration::None;
                state.report.fail(&reason);
            }
            Event::SessionClosed { reason, .. } => {
                if !state.closing {
                    state.report.fail(&reason);
                }
                // After a hello, the connection outlives its sessions.
                if let Some((connection, _)) = &state.session {
                    connection.close();
                }
            }
            // Everything is answered, and nothing more is to come of this session.
            Event::CloseAnswered { ack, .. }
                if ack.close_status == SessionCloseStatus::Rejected =>
            {
                if let Some((connection, _)) = &state.session {
                    connection.close();
                }
            }
            Event::ConnectionClosed { reason } => {
                if let ConnectionEnd::ConnectFailed(_) | ConnectionEnd::ConnectTimeout(_) = reason {
                    state.report.errors = vec![reason.to_string()];
                }
                state.over = true;
            }
            _ => {}
        }
    }

    fn take_result(
        &self,
        state: &mut State,
        now: Instant,
        frame_id: u32,
        metadata: &ResultPush,
        body: &Bytes,
    ) {
        if metadata.status_code != 200 {
            let status = metadata.status_code;
            state.take_error(now, frame_id, &format!("status {status}"));
        } else if *body != self.body {
            state.take_error(now, frame_id, &"the body differs from what was sent");
        } else if metadata.is_terminal() {
            state.take_answer(now, frame_id, |report| report.results += 1);
        }
    }

    /// Submits as much as may be in flight; closes when everything is answered.
    fn proceed(&self, state: &mut State) {
        if !state.open || state.closing {
            return;
        }
        let Some((connection, session)) = state.session.clone() else {
            return;
        };
        let room = self
            .remaining(state)
            .min(self.in_flight - state.waiting.len());
        if let Migration::To(endpoint) = &state.migration
            && self.is_half_done(state)
        {
            let moving = connection.migrate(endpoint.clone());
            state.migration = Migration::UnderWay;
            if let Err(error) = moving {
                state.migration = Migration::None;
                state.report.fail(&error);
            }
        }
        if room > 0 {
            self.submit(state, &connection, session, room);
        } else if state.waiting.is_empty() && state.migration == Migration::None {
            state.closing = true;
            state.open = false;
            if let Err(error) = connection.close_session(session) {
                state.report.fail(&error);
                connection.close();
            }
        }
    }

    fn is_half_done(&self, state: &State) -> bool {
        let answered = state.report.results + state.report.drops;
        let by_count = self.count.is_some_and(|count| answered >= count / 2);
        let by_time = self.duration.zip(state.started);
        by_count || by_time.is_some_and(|(time, started)| started.elapsed() >= time / 2)
    }

    fn remaining(&self, state: &State) -> usize {
        let time_is_up = |duration| {
            state
                .started
                .is_some_and(|started| started.elapsed() >= duration)
        };
        if self.duration.is_some_and(time_is_up) {
            return 0;
        }
        let left = self.count.map_or(u64::MAX, |count| {
            count.saturating_sub(state.report.submitted)
        });
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    fn submit(
        &self,
        state: &mut State,
        connection: &ConnectionHandle,
        session: SessionKey,
        room: usize,
    ) {
        let metadata = FrameSubmit {
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
            payload_frame_count: 1,
            ..FrameSubmit::default()
        };
        let submission = Submission {
            metadata,
            body: self.body.clone(),
            ..Submission::default()
        };
        match connection.submit(session, std::iter::repeat_n(submission, room)) {
            Ok(accepted) => {
                let now = Instant::now();
                state.report.submitted += u64::from(accepted.count);
                state.waiting.extend(
                    (0..accepted.count).map(|index| (accepted.first_frame_id + index, now)),
                );
            }
            // The writable event goes on from here.
            Err(CommandError::WouldBlock) => {}
            Err(error) => {
                state.report.fail(&error);
                connection.close();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A wrong answer is an answer: nothing more comes for its frame.
    fn take_error(&mut self, now: Instant, frame_id: u32, what: &dyn Display) {
        self.report.fail(&format!("frame {frame_id}: {what}"));
        self.take_answer(now, frame_id, |_| {});
    }

    fn take_answer(&mut self, now: Instant, frame_id: u32, count: impl FnOnce(&mut Report)) {
        let Some(position) = self
            .waiting
            .iter()
            .position(|(waiting, _)| *waiting == frame_id)
        else {
            self.report.fail(&format!(
                "frame {frame_id} was answered twice or never submitted"
            ));
            return;
        };
        if let Some((_, submitted)) = self.waiting.remove(position)
            && self.report.latencies_us.len() < MAX_LATENCIES
        {
            let latency = now.duration_since(submitted).as_micros();
            self.report
                .latencies_us
                .push(u32::try_from(latency).unwrap_or(u32::MAX));
        }
        count(&mut self.report);
        self.last_answer = Some(now);
        self.report.elapsed = self
            .started
            .map_or(Duration::ZERO, |started| now.duration_since(started));
    }
}

impl EventSink for Caller {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut state = self.lock();
        // The answers of a batch have arrived together.
        let now = Instant::now();
        for event in events.drain(..) {
            self.handle(&mut state, now, event);
        }
        self.proceed(&mut state);
        if state.over {
            self.over.notify_one();
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        // What arrives is bounded by what is in flight.
        Poll::Ready(())
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
