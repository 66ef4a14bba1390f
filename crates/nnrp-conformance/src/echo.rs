//! The echo application (spec 19): answers submits with their own body and obeys verbs.
//!
//! It answers inside the task of each connection, so that answers to everything read before a close are on their way before its ack.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use nnrp_core::Header;
use nnrp_core::code::{FlowScopeKind, ResultClass};
use nnrp_core::flags::{FlowFlags, ResultFlags};
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{Answer, CommandError, ConnectionHandle, Event, EventSink, SessionKey};

/// A command of the client, carried in `latency_budget_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    /// No command: echo at once.
    Echo,
    /// No answer until the frame is cancelled, then a drop.
    Hold,
    /// A drop.
    Drop,
    /// A flow update per scope, then the echo.
    Flow,
    /// A partial echo, then the complete one.
    Partial,
    /// The echo after the next answer.
    Swap,
}

impl Verb {
    fn of(latency_budget_ms: u16) -> Self {
        match latency_budget_ms {
            0xec01 => Self::Hold,
            0xec02 => Self::Drop,
            0xec03 => Self::Flow,
            0xec04 => Self::Partial,
            0xec05 => Self::Swap,
            _ => Self::Echo,
        }
    }
}

/// One message to the client. A full send queue delays it; it is never dropped.
#[derive(Clone, Debug)]
enum Reply {
    Result(Answer),
    Drop(u32),
    Flow(FlowUpdate),
}

/// Answers the events of one connection.
pub struct EchoSink {
    connection: ConnectionHandle,
    verbs: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Frames of each session that wait for something of the client, in the order of their arrival.
    sessions: BTreeMap<SessionKey, Vec<Withheld>>,
    /// Replies the send queue had no room for, in order. While there are any, nothing more is read.
    backlog: VecDeque<(SessionKey, Reply)>,
    waker: Option<Waker>,
}

/// A frame that is not answered yet.
#[derive(Debug)]
enum Withheld {
    /// Waits for its cancel.
    Held(u32),
    /// Waits for the answer to a later frame.
    Swapped(Answer),
}

impl Withheld {
    fn frame_id(&self) -> u32 {
        match self {
            Self::Held(frame_id) => *frame_id,
            Self::Swapped(answer) => answer.frame_id,
        }
    }
}

impl EchoSink {
    /// Echoes on this connection; `verbs` says whether verbs are obeyed.
    #[must_use]
    pub fn new(connection: ConnectionHandle, verbs: bool) -> Self {
        Self {
            connection,
            verbs,
            state: Mutex::default(),
        }
    }

    fn handle(&self, state: &mut State, event: Event) {
        match event {
            Event::SessionOpened { session, .. } => {
                state.sessions.insert(session, Vec::new());
            }
            Event::SessionClosed { session, .. } => {
                state.sessions.remove(&session);
                state.backlog.retain(|(of, _)| *of != session);
            }
            Event::Submit {
                session,
                header,
                metadata,
                body,
                ..
            } => {
                self.answer(state, session, &header, &metadata, body);
            }
            Event::Cancel { session, header } => cancel(state, session, header.frame_id),
            _ => {}
        }
    }

    fn answer(
        &self,
        state: &mut State,
        session: SessionKey,
        header: &Header,
        submit: &FrameSubmit,
        body: Bytes,
    ) {
        let Some(withheld) = state.sessions.get_mut(&session) else {
            return;
        };
        let echo = echo_of(header, submit, body);
        let frame_id = header.frame_id;
        let verb = if self.verbs {
            Verb::of(submit.latency_budget_ms)
        } else {
            Verb::Echo
        };
        let backlog = &mut state.backlog;
        let mut reply = |reply| backlog.push_back((session, reply));
        match verb {
            Verb::Echo => reply(Reply::Result(echo)),
            Verb::Hold => return withheld.push(Withheld::Held(frame_id)),
            Verb::Swap => return withheld.push(Withheld::Swapped(echo)),
            Verb::Drop => reply(Reply::Drop(frame_id)),
            Verb::Flow => {
                flow_updates(frame_id).map(Reply::Flow).for_each(&mut reply);
                reply(Reply::Result(echo));
            }
            Verb::Partial => {
                reply(Reply::Result(partial(echo.clone())));
                reply(Reply::Result(echo));
            }
        }
        swapped(withheld, usize::MAX).for_each(reply);
    }

    /// Sends the backlog, results that follow one another in one batch.
    fn send(&self, state: &mut State) {
        while let Some((session, reply)) = state.backlog.front() {
            let session = *session;
            let before = state.backlog.len();
            let outcome = match reply {
                Reply::Result(_) => self.send_results(session, &mut state.backlog),
                Reply::Drop(frame_id) => self.connection.send_drop(session, *frame_id),
                Reply::Flow(update) => self.connection.send_flow_update(session, update),
            };
            match outcome {
                Err(CommandError::WouldBlock) => return,
                // Results leave the backlog when they are asked for.
                _ if state.backlog.len() < before => {}
                // Sent; or the session is closing or gone, and its frames with it.
                _ => drop(state.backlog.pop_front()),
            }
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Takes results off the backlog for as long as there is room for them.
    fn send_results(
        &self,
        session: SessionKey,
        backlog: &mut VecDeque<(SessionKey, Reply)>,
    ) -> Result<(), CommandError> {
        let results = std::iter::from_fn(|| {
            let is_next = matches!(backlog.front(), Some((of, Reply::Result(_))) if *of == session);
            match backlog.pop_front_if(|_| is_next) {
                Some((_, Reply::Result(answer))) => Some(answer),
                _ => None,
            }
        });
        self.connection.send_results(session, results).map(drop)
    }
}

impl EventSink for EchoSink {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events.drain(..) {
            self.handle(&mut state, event);
        }
        self.send(&mut state);
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.backlog.is_empty() {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A withheld frame ends as a drop, which is an answer to the swapped frames before it.
fn cancel(state: &mut State, session: SessionKey, frame_id: u32) {
    let Some(withheld) = state.sessions.get_mut(&session) else {
        return;
    };
    let is_cancelled = |frame: &Withheld| frame.frame_id() == frame_id;
    let Some(place) = withheld.iter().position(is_cancelled) else {
        return;
    };
    withheld.remove(place);
    let backlog = &mut state.backlog;
    backlog.push_back((session, Reply::Drop(frame_id)));
    backlog.extend(swapped(withheld, place).map(|reply| (session, reply)));
}

/// Takes the swapped frames out of the first `places`: a later frame has been answered.
fn swapped(withheld: &mut Vec<Withheld>, places: usize) -> impl Iterator<Item = Reply> {
    let places = places.min(withheld.len());
    withheld
        .extract_if(..places, |frame| matches!(frame, Withheld::Swapped(_)))
        .filter_map(|frame| match frame {
            Withheld::Swapped(answer) => Some(Reply::Result(answer)),
            Withheld::Held(_) => None,
        })
}

fn echo_of(header: &Header, submit: &FrameSubmit, body: Bytes) -> Answer {
    let metadata = ResultPush {
        status_code: 200,
        payload_kind_bitmap: submit.payload_kind_bitmap,
        payload_frame_count: submit.payload_frame_count,
        ..ResultPush::default()
    };
    Answer {
        frame_id: header.frame_id,
        metadata,
        body,
        ..Answer::default()
    }
}

fn partial(echo: Answer) -> Answer {
    let metadata = ResultPush {
        result_class: ResultClass::Partial,
        result_flags: ResultFlags::PARTIAL,
        ..echo.metadata
    };
    Answer { metadata, ..echo }
}

fn flow_updates(frame_id: u32) -> impl Iterator<Item = FlowUpdate> {
    let update = FlowUpdate {
        credit_epoch: 1,
        flow_flags: FlowFlags::CREDIT_VALID,
        ..FlowUpdate::default()
    };
    [
        FlowUpdate {
            scope_kind: FlowScopeKind::Connection,
            connection_credit: 5,
            ..update
        },
        FlowUpdate {
            scope_kind: FlowScopeKind::Session,
            session_credit: 7,
            ..update
        },
        FlowUpdate {
            scope_kind: FlowScopeKind::Operation,
            operation_credit: 3,
            operation_id: frame_id.into(),
            ..update
        },
    ]
    .into_iter()
}
