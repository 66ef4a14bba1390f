//! Tests of the transport that misbehaves: under ragged faults it keeps the contract, and the others come at their very byte.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::MemoryTransport;
use crate::contract::{Fixture, pair_with};

/// Slow and ragged, and nothing worse.
const RAGGED: Faults = Faults {
    seed: 7,
    longest_read: 4096,
    longest_write: 4096,
    delayed_one_in: 50,
    longest_delay: Duration::from_millis(1),
    break_after_read: None,
    break_after_written: None,
    stall_after_read: None,
    stall_after_written: None,
    half_close_after_written: None,
};

struct Ragged(FaultTransport<MemoryTransport>);

const FIXTURE: Ragged = Ragged(FaultTransport {
    inner: MemoryTransport,
    faults: RAGGED,
});

impl Fixture for Ragged {
    fn transport(&self) -> &dyn Transport {
        &self.0
    }

    fn free_endpoint(&self, test: &str) -> Endpoint {
        Endpoint::Memory {
            name: format!("ragged-{test}"),
        }
    }
}

crate::transport_contract!(super::FIXTURE);

/// The near end has the faults; the far end reads and writes as it should.
async fn pair(test: &str, faults: Faults) -> (Link, Link) {
    let endpoint = FIXTURE.free_endpoint(test);
    let (near, far) = pair_with(&MemoryTransport, &endpoint)
        .await
        .expect("a pair");
    (with_faults(near, faults), far)
}

async fn sizes_of_reads(seed: u64) -> Vec<usize> {
    let (mut near, mut far) = pair(&format!("sizes-{seed}"), Faults { seed, ..RAGGED }).await;
    far.writer
        .write_all(&vec![1; 100_000])
        .await
        .expect("write");
    drop(far);
    let (mut sizes, mut buffer) = (Vec::new(), vec![0; 8192]);
    loop {
        match near.reader.read(&mut buffer).await.expect("read") {
            0 => return sizes,
            count => sizes.push(count),
        }
    }
}

#[tokio::test]
async fn the_same_seed_misbehaves_the_same_way_and_another_one_differently() {
    let first = sizes_of_reads(1).await;
    assert_eq!(first.iter().sum::<usize>(), 100_000);
    assert!(first.len() > 100_000 / 4096 + 1);
    assert_ne!(first, sizes_of_reads(2).await);
    assert_eq!(first, sizes_of_reads(1).await);
}

#[tokio::test]
async fn a_link_breaks_at_the_very_byte_for_both_sides() {
    for limit in [0, 1, 5, 4096] {
        let faults = Faults {
            break_after_written: Some(limit),
            ..RAGGED
        };
        let (mut near, mut far) = pair(&format!("break-{limit}"), faults).await;
        let error = near
            .writer
            .write_all(&[9; 10_000])
            .await
            .expect_err("broken");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        let mut heard = Vec::new();
        far.reader
            .read_to_end(&mut heard)
            .await
            .expect("what was written");
        assert_eq!(heard.len() as u64, limit);
        near.reader
            .read(&mut [0; 1])
            .await
            .expect_err("both directions are broken");
    }
}

#[tokio::test]
async fn a_break_in_reading_comes_after_the_very_byte() {
    let faults = Faults {
        break_after_read: Some(5),
        ..Faults::default()
    };
    let (mut near, mut far) = pair("break-read", faults).await;
    far.writer.write_all(b"123456789").await.expect("write");
    let mut heard = Vec::new();
    let error = near
        .reader
        .read_to_end(&mut heard)
        .await
        .expect_err("broken");
    assert_eq!(
        (heard.as_slice(), error.kind()),
        (&b"12345"[..], io::ErrorKind::ConnectionReset)
    );
}

#[tokio::test(start_paused = true)]
async fn a_stalled_direction_stands_still_while_the_other_goes_on() {
    let faults = Faults {
        stall_after_written: Some(3),
        ..Faults::default()
    };
    let (mut near, mut far) = pair("stall", faults).await;
    let hour = Duration::from_hours(1);
    let writing = tokio::time::timeout(hour, near.writer.write_all(b"12345"));
    writing.await.expect_err("it stands still");
    let mut heard = [0; 3];
    far.reader
        .read_exact(&mut heard)
        .await
        .expect("three bytes");
    far.writer.write_all(b"back").await.expect("write");
    let mut back = [0; 4];
    near.reader
        .read_exact(&mut back)
        .await
        .expect("the other direction");
}

#[tokio::test]
async fn a_half_closed_link_still_reads() {
    let faults = Faults {
        half_close_after_written: Some(4),
        ..Faults::default()
    };
    let (mut near, mut far) = pair("half", faults).await;
    let error = near.writer.write_all(b"123456").await.expect_err("closed");
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    let mut heard = Vec::new();
    far.reader
        .read_to_end(&mut heard)
        .await
        .expect("an orderly end");
    assert_eq!(heard, b"1234");
    far.writer.write_all(b"answer").await.expect("write");
    let mut answer = [0; 6];
    near.reader.read_exact(&mut answer).await.expect("read");
}
