//! Sessions that move between TCP and QUIC while results flow, and stay where they are if nothing comes of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::SessionErrorCode;
use nnrp_runtime::{
    CommandError, ConnectionHandle, ConnectionOptions, Event, ListenOptions, ListenerHandle,
    MigrationFailure, SessionKey, SessionOptions, Submission, connect, listen, listen_beside,
};
use nnrp_transport_provider::{Endpoint, Security};
use tokio::runtime::Handle;

use crate::echoes::Echoes;
use crate::support::recorder::Recorder;
use crate::support::{security, tcp_endpoint, within};

fn quic_endpoint() -> Endpoint {
    Endpoint::quic("127.0.0.1:0").expect("an endpoint")
}

fn listen_options(security: &Security) -> ListenOptions {
    let mut options = ListenOptions::default();
    options.connection.security = security.clone();
    options
}

async fn start(endpoint: Endpoint, security: &Security) -> ListenerHandle {
    let executor = Arc::new(Handle::current());
    let options = listen_options(security);
    let listener = listen(endpoint, options, Arc::new(Echoes), executor).await;
    listener.expect("listen")
}

async fn start_beside(
    first: &ListenerHandle,
    endpoint: Endpoint,
    security: &Security,
) -> ListenerHandle {
    let executor = Arc::new(Handle::current());
    let options = listen_options(security);
    let listener = listen_beside(first, endpoint, options, Arc::new(Echoes), executor).await;
    listener.expect("listen")
}

/// A client with one session that counts every answer.
struct Counter {
    connection: ConnectionHandle,
    key: SessionKey,
    events: Arc<Recorder>,
    submitted: u32,
    results: Vec<u8>,
}

impl Counter {
    async fn connect(endpoint: &Endpoint, security: Security, frames: usize) -> Self {
        let options = ConnectionOptions {
            security,
            ..ConnectionOptions::default()
        };
        Self::connect_with(endpoint, options, frames).await
    }

    async fn connect_with(endpoint: &Endpoint, options: ConnectionOptions, frames: usize) -> Self {
        let events = Recorder::new(10_000);
        let connection = connect(
            endpoint.clone(),
            options,
            events.clone(),
            &Handle::current(),
        );
        let session = SessionOptions {
            max_in_flight: 32,
            allow_resume: true,
            ..SessionOptions::default()
        };
        let key = connection.open_session(&session).expect("open");
        let opened =
            events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
        opened.await;
        Self {
            connection,
            key,
            events,
            submitted: 0,
            results: vec![0; frames + 1],
        }
    }

    fn submit(&mut self) {
        while (self.submitted as usize) < self.results.len() - 1 {
            let submission = Submission {
                body: Bytes::from(vec![7; 100]),
                ..Submission::default()
            };
            match self.connection.submit(self.key, [submission]) {
                Ok(_) => self.submitted += 1,
                Err(CommandError::WouldBlock) => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Keeps frames in flight until the event that `select` looks for.
    async fn run_until<T>(&mut self, mut select: impl FnMut(&Self, &Event) -> Option<T>) -> T {
        loop {
            self.submit();
            let event = within(self.events.next()).await;
            match &event {
                Event::Result { header, .. } => self.results[header.frame_id as usize] += 1,
                Event::SessionClosed { reason, .. } => panic!("{reason}"),
                Event::ConnectionClosed { reason } => panic!("{reason}"),
                Event::FramesLost { frame_ids, .. } => panic!("{frame_ids:?} are lost"),
                _ => {}
            }
            if let Some(found) = select(self, &event) {
                return found;
            }
        }
    }

    async fn run_until_answered(&mut self, count: usize) {
        if self.answered() >= count {
            return;
        }
        self.run_until(|counter, _| (counter.answered() >= count).then_some(()))
            .await;
    }

    async fn migrate(&mut self, to: &Endpoint) -> Result<(), MigrationFailure> {
        self.connection.migrate(to.clone()).expect("a migration");
        self.run_until(|_, event| match event {
            Event::Migrated { endpoint } => {
                assert_eq!(*endpoint, to.to_string());
                Some(Ok(()))
            }
            Event::MigrationFailed { reason } => Some(Err(reason.clone())),
            _ => None,
        })
        .await
    }

    fn answered(&self) -> usize {
        self.results.iter().filter(|count| **count > 0).count()
    }

    fn assert_once_each(&self) {
        assert!(self.results.iter().skip(1).all(|count| *count == 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_moves_to_and_fro_while_results_flow() {
    const FRAMES: usize = 4000;
    let security = security();
    let tcp = start(tcp_endpoint(), &security).await;
    let quic = start_beside(&tcp, quic_endpoint(), &security).await;
    let mut counter = Counter::connect(tcp.endpoint(), security, FRAMES).await;
    for (round, to) in [&quic, &tcp, &quic, &tcp].into_iter().enumerate() {
        counter.run_until_answered(500 * (round + 1)).await;
        counter.migrate(to.endpoint()).await.expect("it moves");
    }
    counter.run_until_answered(FRAMES).await;
    counter.assert_once_each();
    assert_eq!(tcp.metrics().resumes, 2);
    assert_eq!(quic.metrics().resumes, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_another_server_refuses_goes_on_where_it_was() {
    const FRAMES: usize = 1500;
    let security = security();
    let tcp = start(tcp_endpoint(), &security).await;
    let stranger = start(quic_endpoint(), &security).await;
    let mut counter = Counter::connect(tcp.endpoint(), security, FRAMES).await;
    counter.run_until_answered(200).await;
    let refused = counter.migrate(stranger.endpoint()).await;
    assert!(
        matches!(
            refused,
            Err(MigrationFailure::Refused(SessionErrorCode::RESUME_REJECTED))
        ),
        "{refused:?}"
    );
    counter.run_until_answered(FRAMES).await;
    counter.assert_once_each();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_without_a_transport_to_go_to_stays_on_its_own() {
    const FRAMES: usize = 1500;
    let security = security();
    let tcp = start(tcp_endpoint(), &security).await;
    // Taken, and answered by nobody who speaks QUIC.
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("bind");
    let port = taken.local_addr().expect("an address").port();
    let nobody = quic_endpoint().with_port(port);
    let options = ConnectionOptions {
        connect_timeout: Duration::from_secs(3),
        security,
        ..ConnectionOptions::default()
    };
    let mut counter = Counter::connect_with(tcp.endpoint(), options, FRAMES).await;
    counter.run_until_answered(200).await;
    let refused = counter.migrate(&nobody).await;
    assert!(
        matches!(refused, Err(MigrationFailure::NoTransport(_))),
        "{refused:?}"
    );
    counter.run_until_answered(FRAMES).await;
    counter.assert_once_each();
    assert_eq!(tcp.metrics().resumes, 0, "it never left");
}

#[tokio::test]
async fn a_session_that_is_not_resumable_cannot_move() {
    let security = security();
    let tcp = start(tcp_endpoint(), &security).await;
    let events = Recorder::new(100);
    let connection = connect(
        tcp.endpoint().clone(),
        ConnectionOptions::default(),
        events.clone(),
        &Handle::current(),
    );
    connection
        .open_session(&SessionOptions::default())
        .expect("open");
    let opened = events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
    opened.await;
    for to in [quic_endpoint(), tcp_endpoint()] {
        let refused = connection.migrate(to);
        assert!(
            matches!(refused, Err(CommandError::WrongState(_))),
            "{refused:?}"
        );
    }
}
