//! Peers that come and go, squat, or leave half way.

use std::time::Duration;

use crate::support::*;
use crate::watched::{Watched, scaled, send_anyway};

/// Ids of hostile sessions start here.
const FIRST_ID: u32 = 1000;
/// Connect-and-vanish at full size.
const VANISHING: usize = 10_000;

#[test]
fn peers_that_connect_and_vanish_leave_nothing() {
    let mut watched = Watched::start(&[]);
    let count = scaled(VANISHING, 100);
    for (index, id) in (0..count).zip(FIRST_ID..) {
        vanish(&mut watched.echo.connect(), id);
        if index % 100 == 0 {
            watched.still_echoes();
        }
        if index == count / 2 {
            watched.half_time();
        }
    }
    watched.finish(&format!("{count} connections that vanish"));
}

/// One of four ways, by the id: at once, inside a header, with the answer unread, with a submit unanswered.
fn vanish(peer: &mut Peer, id: u32) {
    let open = packet(
        SESSION_OPEN,
        0,
        0,
        &Open {
            id,
            ..Open::default()
        }
        .metadata(),
        &[],
    );
    match id % 4 {
        0 => {}
        1 => send_anyway(peer, &open[..20]),
        2 => send_anyway(peer, &open),
        _ => {
            send_anyway(peer, &open);
            send_anyway(peer, &submit(id, 1, 0, &[1; 300]));
        }
    }
}

#[test]
fn a_session_id_that_somebody_holds_stays_his() {
    let mut watched = Watched::start(&[]);
    let mut holder = watched.echo.session(FIRST_ID);
    let count = scaled(2000, 40);
    for frame in (1..).take(count) {
        let mut squatter = watched.echo.connect();
        let ack = squatter.open(&Open {
            id: FIRST_ID,
            ..Open::default()
        });
        assert_ne!(ack.status(), 0, "{ack:?}");
        holder.submit(FIRST_ID, frame, 0, b"mine");
        holder.expect_echo(FIRST_ID, frame, b"mine");
    }
    drop(holder);
    watched.still_echoes();
    watched.finish(&format!("{count} attempts on a held session id"));
}

#[test]
fn a_frame_id_in_flight_twice_hurts_only_its_own_connection() {
    /// The verb after which an answer waits for a cancel.
    const HOLD: u16 = 0xec01;
    let mut watched = Watched::start(&[]);
    let count = scaled(1000, 30);
    for id in (FIRST_ID..).take(count) {
        let mut peer = watched.echo.session(id);
        peer.submit(id, 1, HOLD, b"first");
        peer.submit(id, 1, HOLD, b"second");
        peer.expect_dropped();
        watched.still_echoes();
    }
    watched.echo.expect_ends("protocol-error", count);
    watched.finish(&format!("{count} duplicate frame ids"));
}

#[test]
fn a_peer_that_has_ended_its_writing_still_gets_every_answer() {
    let mut watched = Watched::start(&[]);
    let count = scaled(1000, 30);
    for id in (FIRST_ID..).take(count) {
        let mut peer = watched.echo.session(id);
        for frame in 1..=4 {
            peer.submit(id, frame, 0, &[9; 500]);
        }
        peer.shut_down_writing();
        for frame in 1..=4 {
            peer.expect_echo(id, frame, &[9; 500]);
        }
        peer.expect_dropped();
    }
    watched.still_echoes();
    watched.finish(&format!("{count} half-closed connections"));
}

#[test]
fn peers_of_one_byte_at_a_time_slow_down_only_themselves() {
    let mut watched = Watched::start(&[]);
    let mut slow: Vec<(u32, Peer)> = (FIRST_ID..)
        .take(scaled(200, 20))
        .map(|id| (id, watched.echo.session(id)))
        .collect();
    let count = slow.len();
    for index in 0..submit(0, 1, 0, b"slow").len() {
        for (id, peer) in &mut slow {
            peer.send(&submit(*id, 1, 0, b"slow")[index..=index]);
        }
        watched.still_echoes();
        std::thread::sleep(Duration::from_millis(2));
    }
    for (id, peer) in &mut slow {
        peer.expect_echo(*id, 1, b"slow");
    }
    drop(slow);
    watched.finish(&format!("{count} peers of one byte at a time"));
}
