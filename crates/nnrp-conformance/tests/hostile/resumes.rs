//! Resumes by those who have no right to them: wrong, foreign and worn-out tokens, and ids of sessions that wait for their client.

use crate::support::*;
use crate::watched::{Watched, scaled};

/// Ids of the sessions that are fought for start here.
const FIRST_ID: u32 = 1000;
const REJECTED: u8 = 1;
const RESUMED: u8 = 3;
const RESUME_REJECTED: u32 = 0x0001_0006;
const SESSION_LIMIT_REACHED: u32 = 0x0001_0007;

/// A session that outlives its connection, and the token for it.
fn resumable(echo: &Echo, id: u32) -> (Peer, Vec<u8>) {
    let mut peer = echo.connect();
    peer.hello();
    let open = Open {
        id,
        flags: 1,
        ..Open::default()
    };
    let ack = peer.open(&open);
    assert_eq!((ack.status(), ack.session), (0, id), "{ack:?}");
    let token = ack.body[..ack.u32(28) as usize].to_vec();
    assert!(token.len() >= 16, "a token of {} bytes", token.len());
    (peer, token)
}

/// Loses the connection; the session waits for its client from then on.
fn lose(mut peer: Peer) {
    peer.shut_down_writing();
    peer.expect_dropped();
}

/// Tries to resume a session over a fresh connection.
fn resume(echo: &Echo, id: u32, token: &[u8]) -> (Peer, Packet) {
    let mut peer = echo.connect();
    peer.hello();
    let open = Open {
        id,
        flags: 1,
        resume_token_bytes: u32::try_from(token.len()).expect("short"),
        ..Open::default()
    };
    let ack = peer.open_with(&open, token);
    (peer, ack)
}

fn assert_rejected(echo: &Echo, id: u32, token: &[u8]) {
    let (_, ack) = resume(echo, id, token);
    assert_eq!(
        (ack.status(), ack.code()),
        (REJECTED, RESUME_REJECTED),
        "{ack:?}"
    );
    assert_eq!((ack.session, ack.u32(0)), (0, 0), "{ack:?}");
}

/// The session goes on here, which shows that nothing took it away.
fn assert_resumes(echo: &Echo, id: u32, token: &[u8], frame: u32) -> Peer {
    let (mut peer, ack) = resume(echo, id, token);
    assert_eq!((ack.status(), ack.session), (RESUMED, id), "{ack:?}");
    peer.submit(id, frame, 0, b"mine");
    // Earlier answers come first, again: this client does not say how many it has.
    let mut answers = std::iter::repeat_with(|| peer.receive()).take(frame as usize);
    let mine = answers.find(|result| result.frame == frame);
    drop(answers);
    assert_eq!(mine.expect("the echo").body, b"mine");
    peer
}

/// Guesses that resemble the token as closely as guesses can.
fn guesses(token: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let flipped = (0..token.len() * 8).map(|bit| {
        let mut guess = token.to_vec();
        guess[bit / 8] ^= 1 << (bit % 8);
        guess
    });
    let shorter = (1..token.len()).map(|length| token[..length].to_vec());
    let longer = [0, 0xff].map(|last| [token, &[last]].concat());
    flipped
        .chain(shorter)
        .chain(longer)
        .chain([vec![0; token.len()]])
}

#[test]
fn a_token_that_is_wrong_in_any_bit_or_length_resumes_nothing() {
    let mut watched = Watched::start(&[]);
    let (mut holder, token) = resumable(&watched.echo, FIRST_ID);
    let all = guesses(&token).count();
    let step = (all / scaled(all, 40)).max(1);
    let mut tried = 0;
    for guess in guesses(&token).step_by(step) {
        assert_rejected(&watched.echo, FIRST_ID, &guess);
        tried += 1;
    }
    holder.submit(FIRST_ID, 1, 0, b"untouched");
    holder.expect_echo(FIRST_ID, 1, b"untouched");
    lose(holder);
    for guess in guesses(&token).step_by(step) {
        assert_rejected(&watched.echo, FIRST_ID, &guess);
        tried += 1;
    }
    watched.still_echoes();
    drop(assert_resumes(&watched.echo, FIRST_ID, &token, 2));
    watched.finish(&format!("{tried} guesses at a resume token"));
}

#[test]
fn the_token_of_one_session_resumes_no_other() {
    let mut watched = Watched::start(&[]);
    let count = u32::try_from(scaled(500, 10)).expect("few");
    for id in (FIRST_ID..).step_by(2).take(count as usize) {
        let (victim, right) = resumable(&watched.echo, id);
        let (thief, foreign) = resumable(&watched.echo, id + 1);
        assert_ne!(right, foreign);
        lose(victim);
        assert_rejected(&watched.echo, id, &foreign);
        drop(assert_resumes(&watched.echo, id, &right, 1));
        drop(thief);
        watched.still_echoes();
    }
    watched.finish(&format!("{count} foreign resume tokens"));
}

#[test]
fn the_id_of_a_session_that_waits_for_its_client_stays_his() {
    let mut watched = Watched::start(&[]);
    let (holder, token) = resumable(&watched.echo, FIRST_ID);
    lose(holder);
    let count = scaled(1000, 20);
    for attempt in 0..count {
        let mut squatter = watched.echo.connect();
        if attempt % 2 == 0 {
            squatter.hello();
        }
        let open = Open {
            id: FIRST_ID,
            flags: u8::from(attempt % 3 == 0),
            ..Open::default()
        };
        let ack = squatter.open(&open);
        assert_eq!(
            (ack.status(), ack.code()),
            (REJECTED, SESSION_LIMIT_REACHED),
            "{ack:?}"
        );
    }
    watched.still_echoes();
    drop(assert_resumes(&watched.echo, FIRST_ID, &token, 1));
    watched.finish(&format!("{count} attempts on the id of an absent client"));
}

#[test]
fn the_token_of_a_closed_session_is_worth_nothing_even_under_the_same_id() {
    let mut watched = Watched::start(&[]);
    let count = scaled(500, 10);
    for id in (FIRST_ID..).take(count) {
        let (mut peer, old) = resumable(&watched.echo, id);
        peer.close_session(id, 0);
        assert_eq!(peer.receive().kind, SESSION_CLOSE_ACK);
        assert_rejected(&watched.echo, id, &old);
        let (mut next, new) = resumable(&watched.echo, id);
        assert_ne!(old, new);
        assert_rejected(&watched.echo, id, &old);
        next.submit(id, 1, 0, b"untouched");
        next.expect_echo(id, 1, b"untouched");
        watched.still_echoes();
    }
    watched.finish(&format!("{count} tokens of closed sessions"));
}

#[test]
fn a_token_whose_window_is_over_is_worth_nothing() {
    let mut watched = Watched::start(&["--resume-window", "0.3"]);
    let (holder, token) = resumable(&watched.echo, FIRST_ID);
    lose(holder);
    // The id is free again when the window is over, and not before.
    drop(watched.echo.session_when_free(FIRST_ID));
    assert_rejected(&watched.echo, FIRST_ID, &token);
    watched.still_echoes();
    watched.finish("1 resume after its window");
}

#[test]
fn whoever_has_the_token_takes_over_and_the_connection_before_has_lost_the_session() {
    let mut watched = Watched::start(&[]);
    let (mut holder, token) = resumable(&watched.echo, FIRST_ID);
    let count = scaled(1000, 20);
    for frame in (1..).take(count) {
        let next = assert_resumes(&watched.echo, FIRST_ID, &token, frame);
        // Too late: were it taken, the next frame of the session would be there twice.
        holder.submit(FIRST_ID, frame + 1, 0, b"late");
        holder = next;
        watched.still_echoes();
    }
    drop(holder);
    watched.finish(&format!("{count} sessions taken over by their token"));
}
