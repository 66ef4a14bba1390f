//! Commands through handles: from any thread, at any time, with exact answers.

use nnrp_core::MessageType;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_runtime::{
    Accepted, Answer, CommandError, ConnectionEnd, ConnectionOptions, Event, SessionOptions,
    Submission,
};

use crate::support::raw_peer::client_of_raw_server;

#[tokio::test(start_paused = true)]
async fn submits_before_the_session_is_open_leave_in_order_under_the_promised_ids() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    let submit = |text: &'static str| Submission {
        body: text.into(),
        ..Submission::default()
    };
    assert_eq!(
        connection.submit(key, [submit("one"), submit("two")]),
        Ok(Accepted {
            count: 2,
            first_frame_id: 1
        })
    );
    assert_eq!(
        connection.submit(key, [submit("three"), submit("four"), submit("five")]),
        Ok(Accepted {
            count: 2,
            first_frame_id: 3
        }),
        "the session asked for 4 in flight"
    );
    assert_eq!(
        connection.submit(key, [submit("five")]),
        Err(CommandError::WouldBlock)
    );
    peer.admit(7, 4).await;
    for (frame, text) in (1..).zip(["one", "two", "three", "four"]) {
        let packet = peer.expect(MessageType::FrameSubmit).await;
        assert_eq!(
            (packet.header().session_id, packet.header().frame_id),
            (7, frame)
        );
        assert_eq!(&packet.body()[..], text.as_bytes());
    }
    let writable = events.find(|event| match event {
        Event::Writable { session } => Some(session),
        _ => None,
    });
    assert_eq!(writable.await, key);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_grants_less_than_was_asked_for_gets_the_rest_later() {
    let (connection, _events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    connection
        .submit(key, vec![Submission::default(); 4])
        .expect("submit");
    peer.admit(7, 2).await;
    for frame in 1..=4 {
        let packet = peer.expect(MessageType::FrameSubmit).await;
        assert_eq!(packet.header().frame_id, frame);
        let result = nnrp_core::message::result::ResultPush::default();
        peer.send(&crate::support::raw_peer::packet_of(
            7,
            frame,
            &result,
            bytes::Bytes::new(),
        ))
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_closed_before_it_is_open_closes_when_it_is() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    connection.close_session(key).expect("close");
    connection
        .close_session(key)
        .expect("closing twice is fine");
    assert!(matches!(
        connection.submit(key, [Submission::default()]),
        Err(CommandError::WrongState(_))
    ));
    peer.admit(7, 4).await;
    peer.expect(MessageType::SessionClose).await;
    assert!(matches!(events.next().await, Event::SessionOpened { .. }));
}

#[tokio::test(start_paused = true)]
async fn commands_of_the_other_side_are_refused() {
    let (connection, _events, _peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    assert!(matches!(
        connection.send_results(key, [Answer::default()]),
        Err(CommandError::WrongState(_))
    ));
    assert!(matches!(
        connection.send_drop(key, 1),
        Err(CommandError::WrongState(_))
    ));
    assert!(matches!(
        connection.send_flow_update(key, &FlowUpdate::default()),
        Err(CommandError::WrongState(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_second_session_is_refused_towards_a_peer_without_hello() {
    let (connection, _events, _peer) = client_of_raw_server(ConnectionOptions::default()).await;
    connection
        .open_session(&SessionOptions::default())
        .expect("open");
    assert!(matches!(
        connection.open_session(&SessionOptions::default()),
        Err(CommandError::WrongState(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn after_the_last_event_every_command_says_closed() {
    let (connection, events, _peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let key = connection
        .open_session(&SessionOptions::default())
        .expect("open");
    connection.close();
    connection.close();
    let end = events.find(|event| match event {
        Event::ConnectionClosed { reason } => Some(reason),
        _ => None,
    });
    assert!(matches!(end.await, ConnectionEnd::ClosedHere));
    assert_eq!(
        connection.submit(key, [Submission::default()]),
        Err(CommandError::Closed)
    );
    assert_eq!(connection.cancel(key, 1), Err(CommandError::Closed));
    assert_eq!(connection.close_session(key), Err(CommandError::Closed));
    connection.close();
    connection.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_threads_submit_at_once_and_every_frame_id_is_given_once() {
    let (connection, events, mut peer) = client_of_raw_server(ConnectionOptions::default()).await;
    let wishes = SessionOptions {
        max_in_flight: 4000,
        ..SessionOptions::default()
    };
    let key = connection.open_session(&wishes).expect("open");
    peer.admit(7, 4000).await;
    events
        .find(|event| matches!(event, Event::SessionOpened { .. }).then_some(()))
        .await;
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let connection = connection.clone();
            std::thread::spawn(move || {
                for _ in 0..1000 {
                    connection
                        .submit(key, [Submission::default()])
                        .expect("submit");
                }
            })
        })
        .collect();
    for frame in 1..=4000 {
        assert_eq!(
            peer.expect(MessageType::FrameSubmit)
                .await
                .header()
                .frame_id,
            frame
        );
    }
    for thread in threads {
        thread.join().expect("no panic");
    }
}
