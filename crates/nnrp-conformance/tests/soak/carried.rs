//! A client whose session outlives its connections: it submits without end, loses its connection on purpose, and counts every answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use nnrp_runtime::{
    CommandError, ConnectionHandle, ConnectionOptions, Event, EventSink, SessionKey,
    SessionOptions, Submission, connect,
};
use nnrp_transport_provider::Security;
use nnrp_transport_provider::security::{ClientSecurity, Trust};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::PATIENCE;

const IN_FLIGHT: u16 = 64;
/// Losses that have to happen, however short the time is.
const LEAST_LOSSES: u32 = 10;
/// Results between two losses at most.
const MOST_RESULTS: u64 = 150;

/// What a session has seen.
pub(crate) struct Seen {
    pub(crate) results: usize,
    pub(crate) losses: u32,
}

/// The session and the connection that carries it now.
pub(crate) struct Carried {
    uri: String,
    options: ConnectionOptions,
    connection: ConnectionHandle,
    events: UnboundedReceiver<Event>,
    key: SessionKey,
    opened: bool,
    /// How often each frame was answered, by its id minus 1.
    answers: Vec<u32>,
    random: u64,
}

/// What a connection says, for whoever counts. Bounded by what is in flight.
struct Told(UnboundedSender<Event>);

impl EventSink for Told {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        for event in events.drain(..) {
            // Nobody listens any more once the session has gone on elsewhere.
            let _ = self.0.send(event);
        }
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Carried {
    pub(crate) fn to(uri: &str, root: &str, seed: u64) -> Self {
        let root = std::fs::read(root).expect("the certificate that the server wrote");
        let security = Security::client(ClientSecurity {
            trust: Trust::Roots(vec![root]),
            server_name: Some("localhost".into()),
            ..ClientSecurity::default()
        });
        let options = ConnectionOptions {
            connect_timeout: PATIENCE,
            security,
            ..ConnectionOptions::default()
        };
        let (connection, events) = begin(uri, &options);
        let wishes = SessionOptions {
            allow_resume: true,
            max_in_flight: IN_FLIGHT,
            ..SessionOptions::default()
        };
        let key = connection.open_session(&wishes).expect("open");
        Self {
            uri: uri.to_owned(),
            options,
            connection,
            events,
            key,
            opened: false,
            answers: Vec::new(),
            random: seed,
        }
    }

    /// Goes on for this long, then waits for what is left, and counts.
    pub(crate) async fn run(mut self, duration: Duration) -> Seen {
        let end = Instant::now() + duration;
        let (mut losses, mut left) = (0, 40);
        while losses < LEAST_LOSSES || Instant::now() < end {
            self.submit();
            if self.next().await {
                left -= 1;
            }
            if left == 0 {
                left = self.number() % MOST_RESULTS + 1;
                self.lose().await;
                losses += 1;
            }
        }
        while self.answers.contains(&0) {
            self.next().await;
        }
        let wrong = self.answers.iter().position(|count| *count != 1);
        assert!(
            wrong.is_none(),
            "frame {:?} more than once",
            wrong.map(|index| index + 1)
        );
        Seen {
            results: self.answers.len(),
            losses,
        }
    }

    /// As much as may be in flight.
    fn submit(&mut self) {
        while self.opened {
            let submission = Submission {
                body: Bytes::from_static(&[3; 64]),
                ..Submission::default()
            };
            match self.connection.submit(self.key, [submission]) {
                Ok(_) => self.answers.push(0),
                Err(CommandError::WouldBlock) => return,
                Err(error) => panic!("{}: {error}", self.uri),
            }
        }
    }

    /// Takes the next event; whether it was a result.
    async fn next(&mut self) -> bool {
        let event = timeout(PATIENCE, self.events.recv()).await;
        match event
            .expect("something happens in time")
            .expect("it is alive")
        {
            Event::SessionOpened { .. } => self.opened = true,
            Event::FramesLost { frame_ids, .. } => panic!("{frame_ids:?} are lost"),
            Event::ConnectionClosed { reason } => panic!("{}: {reason}", self.uri),
            other => return self.count(&other),
        }
        false
    }

    fn count(&mut self, event: &Event) -> bool {
        let Event::Result { header, .. } = event else {
            return false;
        };
        self.answers[header.frame_id as usize - 1] += 1;
        true
    }

    /// Loses the connection in mid-stream and resumes the session over another.
    async fn lose(&mut self) {
        self.connection.abort();
        // What was delivered before the end counts.
        loop {
            let event = timeout(PATIENCE, self.events.recv()).await;
            match event.expect("it ends in time").expect("its end is told") {
                Event::ConnectionClosed { .. } => break,
                other => self.count(&other),
            };
        }
        let earlier = self.connection.take_resumable(self.key);
        let earlier = earlier.expect("it was opened so");
        (self.connection, self.events) = begin(&self.uri, &self.options);
        let resumed = self.connection.resume_session(earlier);
        self.key = resumed.map_err(|(error, _)| error).expect("resume");
        self.opened = false;
    }

    /// Numbers that look random and are the same in every run.
    fn number(&mut self) -> u64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
}

fn begin(uri: &str, options: &ConnectionOptions) -> (ConnectionHandle, UnboundedReceiver<Event>) {
    let (told, events) = unbounded_channel();
    let sink: Arc<dyn EventSink> = Arc::new(Told(told));
    let endpoint = uri.parse().expect("an endpoint");
    let connection = connect(endpoint, options.clone(), sink, &Handle::current());
    (connection, events)
}
