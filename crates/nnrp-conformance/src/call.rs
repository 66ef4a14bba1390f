//! `nnrp-echo call`: submits, counts and times the answers.

mod report;
mod state;

use std::collections::VecDeque;
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
use tokio::runtime::Handle;
use tokio::sync::Notify;

pub use report::Report;

use crate::arguments::Call;
use crate::certificate::trust;

use self::state::{Migration, State};

/// Longest wait for a single answer.
const PATIENCE: Duration = Duration::from_secs(30);

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
