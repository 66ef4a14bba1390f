//! A client that comes back by itself: what it tells, what goes on, and what ends with a reason.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::code::{SessionErrorCode, SessionStatus};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_runtime::{
    Answer, CommandError, ConnectionEnd, ConnectionHandle, ConnectionOptions, Event, ListenOptions,
    NnrpClient, NnrpClientConfig, NnrpServer, NnrpServerConfig, ReconnectPolicy, SessionEnd,
    SessionKey, SessionOptions, Submission, connect,
};
use nnrp_transport_provider::Endpoint;
use tokio::runtime::Handle;

use crate::support::recorder::{Recorder, Server};
use crate::support::{memory_endpoint, within};

pub(crate) const POLICY: ReconnectPolicy = ReconnectPolicy {
    first_delay: Duration::from_millis(100),
    longest_delay: Duration::from_secs(1),
    attempts: 5,
    total: Duration::from_mins(1),
};

fn options() -> ConnectionOptions {
    ConnectionOptions {
        reconnect: Some(POLICY),
        ..ConnectionOptions::default()
    }
}

pub(crate) fn submission(body: &'static str) -> Submission {
    Submission {
        body: Bytes::from_static(body.as_bytes()),
        ..Submission::default()
    }
}

/// A client with an open session.
pub(crate) async fn open(
    endpoint: &Endpoint,
    options: ConnectionOptions,
) -> (ConnectionHandle, SessionKey, Arc<Recorder>) {
    let events = Recorder::new(10_000);
    let connection = connect(
        endpoint.clone(),
        options,
        events.clone(),
        &Handle::current(),
    );
    let session = SessionOptions {
        max_in_flight: 8,
        ..SessionOptions::default()
    };
    let key = connection.open_session(&session).expect("open");
    let opened = events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
    opened.await;
    (connection, key, events)
}

/// The next submit that the application of the server gets.
async fn submitted(server: &Server) -> (SessionKey, u32) {
    let submit = server.events.find(|event| match event {
        Event::Submit {
            session, header, ..
        } => Some((session, header.frame_id)),
        _ => None,
    });
    submit.await
}

fn answer(connection: &ConnectionHandle, (session, frame_id): (SessionKey, u32)) {
    let answer = Answer {
        frame_id,
        ..Answer::default()
    };
    let sent = connection.send_results(session, [answer]);
    sent.expect("an answer");
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_on_after_a_loss_and_its_frames_are_answered() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (connection, key, events) = open(listener.endpoint(), options()).await;
    connection
        .submit(key, [submission("before")])
        .expect("submit");
    submitted(&server).await;
    server.connection().abort();
    assert!(matches!(
        events.next().await,
        Event::ConnectionLost {
            reason: ConnectionEnd::Lost { .. }
        }
    ));
    let Event::Reconnecting { attempt: 1, pause } = events.next().await else {
        panic!("the first attempt");
    };
    assert!(pause >= POLICY.first_delay / 2 && pause <= POLICY.first_delay);
    connection
        .submit(key, [submission("meanwhile")])
        .expect("submit");
    assert!(matches!(events.next().await, Event::Connected { .. }));
    assert!(matches!(events.next().await, Event::Greeted { .. }));
    let Event::SessionResumed { session, ack } = events.next().await else {
        panic!("the session goes on");
    };
    assert_eq!((session, ack.session_status), (key, SessionStatus::Resumed));
    for frame_id in [1, 2] {
        let submit = submitted(&server).await;
        assert_eq!(submit.1, frame_id);
        answer(&server.connection(), submit);
        let Event::Result { header, .. } = events.next().await else {
            panic!("a result");
        };
        assert_eq!(header.frame_id, frame_id);
    }
    assert_eq!(connection.metrics().resumes, 1);
    assert_eq!(connection.metrics().sessions, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_away_is_given_up_with_the_reason_and_each_frame_ends() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (connection, key, events) = open(listener.endpoint(), options()).await;
    let three = ["one", "two", "three"].map(submission);
    connection.submit(key, three).expect("submit");
    submitted(&server).await;
    listener.close();
    server.connection().abort();
    let attempt_5 = events.find(|event| match event {
        Event::Reconnecting { attempt, pause } => {
            assert!(pause <= POLICY.longest_delay);
            (attempt == POLICY.attempts).then_some(())
        }
        _ => None,
    });
    attempt_5.await;
    connection
        .submit(key, [submission("four")])
        .expect("submit");
    let Event::FramesLost { frame_ids, .. } = events.next().await else {
        panic!("the frames");
    };
    assert_eq!(frame_ids, [1, 2, 3, 4]);
    let Event::SessionClosed { reason, .. } = events.next().await else {
        panic!("the session");
    };
    let SessionEnd::ConnectionEnded(ConnectionEnd::GivenUp { attempts, last }) = reason else {
        panic!("{reason}");
    };
    assert_eq!((attempts, last.name()), (POLICY.attempts, "connect-failed"));
    let Event::ConnectionClosed { reason } = events.next().await else {
        panic!("the connection");
    };
    assert_eq!(reason.name(), "given-up");
    assert!(connection.take_resumable(key).is_none(), "it has ended");
}

#[tokio::test(start_paused = true)]
async fn the_total_time_bounds_attempts_that_get_no_answer() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let options = ConnectionOptions {
        reconnect: Some(ReconnectPolicy {
            total: Duration::from_secs(4),
            ..POLICY
        }),
        ..options()
    };
    let (_connection, _, events) = open(listener.endpoint(), options).await;
    // Peers connect, and nobody takes them.
    listener.close();
    server.connection().abort();
    let began = tokio::time::Instant::now();
    let closed = events.find(|event| match event {
        Event::ConnectionClosed { reason } => Some(reason),
        _ => None,
    });
    assert_eq!(closed.await.name(), "given-up");
    assert!(began.elapsed() <= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_window_is_over_ends_with_the_refusal_and_the_connection_stays() {
    let mut listen_options = ListenOptions::default();
    listen_options.directory.resume_window = Duration::from_secs(1);
    let (server, listener) = Server::start(listen_options, 100).await;
    let options = ConnectionOptions {
        reconnect: Some(ReconnectPolicy {
            first_delay: Duration::from_secs(10),
            longest_delay: Duration::from_secs(10),
            ..POLICY
        }),
        ..options()
    };
    let (connection, key, events) = open(listener.endpoint(), options).await;
    connection
        .submit(key, [submission("late")])
        .expect("submit");
    submitted(&server).await;
    server.connection().abort();
    let lost = events.find(|event| match event {
        Event::FramesLost { frame_ids, .. } => Some(frame_ids),
        _ => None,
    });
    assert_eq!(lost.await, [1]);
    let Event::SessionClosed { reason, .. } = events.next().await else {
        panic!("the session");
    };
    assert!(
        matches!(reason, SessionEnd::Rejected { code } if code == SessionErrorCode::RESUME_REJECTED),
        "{reason}"
    );
    connection
        .open_session(&SessionOptions::default())
        .expect("another session on the connection that came back");
    let opened = events.find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()));
    opened.await;
}

#[tokio::test(start_paused = true)]
async fn submits_during_an_outage_are_held_within_the_limit_of_the_session() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (connection, key, events) = open(listener.endpoint(), options()).await;
    server.connection().abort();
    let lost = events.find(|event| matches!(event, Event::Reconnecting { .. }).then_some(()));
    lost.await;
    for _ in 0..8 {
        connection.submit(key, [submission("held")]).expect("room");
    }
    let refused = connection.submit(key, [submission("one too many")]);
    assert_eq!(refused, Err(CommandError::WouldBlock));
    let cancelled = connection.cancel(key, 1);
    assert!(
        cancelled.is_err(),
        "a frame that has not left yet: {cancelled:?}"
    );
    for frame_id in 1..=8 {
        let submit = submitted(&server).await;
        assert_eq!(submit.1, frame_id);
        answer(&server.connection(), submit);
    }
    let room_again = events.find(|event| {
        matches!(event, Event::Writable { .. })
            .then(|| connection.submit(key, [submission("room again")]).ok())
            .flatten()
    });
    room_again.await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_cancelled_during_an_outage_is_cancelled_after_it() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (connection, key, events) = open(listener.endpoint(), options()).await;
    connection
        .submit(key, [submission("unwanted")])
        .expect("submit");
    submitted(&server).await;
    server.connection().abort();
    let lost = events.find(|event| matches!(event, Event::Reconnecting { .. }).then_some(()));
    lost.await;
    connection.cancel(key, 1).expect("cancel");
    let cancel = server.events.find(|event| match event {
        Event::Cancel { header, .. } => Some(header.frame_id),
        _ => None,
    });
    assert_eq!(cancel.await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_close_during_an_outage_ends_it_at_once() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (connection, key, events) = open(listener.endpoint(), options()).await;
    connection
        .submit(key, [submission("kept")])
        .expect("submit");
    submitted(&server).await;
    server.connection().abort();
    let lost = events.find(|event| matches!(event, Event::Reconnecting { .. }).then_some(()));
    lost.await;
    let began = tokio::time::Instant::now();
    connection.close();
    let Event::SessionClosed { .. } = events.next().await else {
        panic!("the session");
    };
    let Event::ConnectionClosed { reason } = events.next().await else {
        panic!("the connection");
    };
    assert_eq!(reason.name(), "closed-here");
    assert_eq!(began.elapsed(), Duration::ZERO);
    let earlier = connection
        .take_resumable(key)
        .expect("it could still go on");
    assert_eq!(earlier.unanswered().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_policy_a_loss_is_the_end() {
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let (_connection, _, events) = open(listener.endpoint(), ConnectionOptions::default()).await;
    server.connection().abort();
    assert!(matches!(events.next().await, Event::SessionClosed { .. }));
    assert!(matches!(
        events.next().await,
        Event::ConnectionClosed { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_breaks_every_transport_without_an_answer_is_given_up() {
    let (server, listener) = Server::start(ListenOptions::default(), 10_000).await;
    let (_connection, _, events) = open(listener.endpoint(), options()).await;
    server.connection().abort();
    let end = loop {
        match events.next().await {
            Event::SessionResumed { .. } => server.connection().abort(),
            Event::ConnectionClosed { reason } => break reason,
            _ => {}
        }
    };
    assert!(
        matches!(end, ConnectionEnd::GivenUp { attempts: 5, .. }),
        "{end}"
    );
}

#[tokio::test(start_paused = true)]
async fn results_are_awaited_across_a_loss_as_if_there_had_been_none() {
    let config = NnrpServerConfig::default();
    let server = NnrpServer::bind(memory_endpoint(), config)
        .await
        .expect("bind");
    let config = NnrpClientConfig::default().with_connection(options());
    let client = NnrpClient::connect(server.endpoint().clone(), config).await;
    let client = client.expect("connect");
    let (session, first) = tokio::join!(client.open_session(), server.accept());
    let (session, first) = (session.expect("open"), first.expect("accept"));
    session
        .submit(FrameSubmit::default(), "across")
        .await
        .expect("submit");
    first.receive_submit().await.expect("a submit");
    first.abort_connection();
    let second = within(server.accept()).await.expect("accept");
    assert!(second.is_resumed());
    let submit = second.receive_submit().await.expect("the submit again");
    second
        .send_result(
            submit.frame_id,
            nnrp_core::message::result::ResultPush::default(),
            submit.body,
        )
        .await
        .expect("a result");
    let result = within(session.await_result()).await.expect("a result");
    assert_eq!(result.body, "across");
}
