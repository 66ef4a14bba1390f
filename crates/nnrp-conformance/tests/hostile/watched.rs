//! A server with a well-behaved peer beside the hostile ones: it has to be served all the time, and nothing may be left over.

use std::time::{Duration, Instant};

use crate::support::*;

/// The session of the well-behaved peer.
const CONTROL: u32 = 0x0c0_ffee;
/// What allocators keep and tables grow to, whatever the number of hostile peers.
const MOST_GROWTH_KIB: u64 = 24 * 1024;
/// What a crowd may cost while it lasts, and what is then kept for the next one.
const MOST_FOR_A_CROWD_KIB: u64 = 96 * 1024;
/// How long the server may take to notice that the last peers are gone.
const SETTLING: Duration = Duration::from_mins(1);

pub(crate) struct Watched {
    pub(crate) echo: Echo,
    control: Peer,
    frame: u32,
    resident_kib: u64,
    descriptors: usize,
}

impl Watched {
    pub(crate) fn start(extra: &[&str]) -> Self {
        let echo = Echo::start_logging(extra);
        let control = echo.session(CONTROL);
        let mut watched = Self {
            resident_kib: 0,
            descriptors: 0,
            frame: 0,
            control,
            echo,
        };
        watched.still_echoes();
        watched.resident_kib = watched.echo.resident_kib();
        watched.descriptors = watched.descriptors();
        watched
    }

    /// The control connection gets its answer, and in time.
    pub(crate) fn still_echoes(&mut self) {
        self.echoes(&(self.frame + 1).to_le_bytes());
    }

    /// So does a body of this many bytes, which takes memory that others may have held.
    pub(crate) fn still_echoes_of(&mut self, length: usize) {
        self.echoes(&vec![7; length]);
    }

    fn echoes(&mut self, body: &[u8]) {
        self.frame += 1;
        self.control.submit(CONTROL, self.frame, 0, body);
        self.control.expect_echo(CONTROL, self.frame, body);
    }

    /// Half of a crowd has come and gone: what tables and allocators have grown to is their size for such a crowd, and what the other half adds to it
    /// would be left over from each peer.
    pub(crate) fn half_time(&mut self) {
        self.still_echoes();
        self.await_descriptors();
        let grown = self.grown_kib();
        assert!(grown < MOST_FOR_A_CROWD_KIB, "{grown} KiB for half of it");
        self.resident_kib += grown;
    }

    /// After the hostile peers are gone: the control connection echoes, memory is flat, and descriptors are back.
    pub(crate) fn finish(mut self, what: &str) {
        self.still_echoes();
        self.await_descriptors();
        self.await_memory();
        println!("counted: {what}");
    }

    /// The same after peers that held so much that what the allocator keeps of it says nothing.
    pub(crate) fn finish_after_much(mut self, what: &str) {
        self.still_echoes();
        self.await_descriptors();
        println!("counted: {what}");
    }

    fn await_descriptors(&self) {
        let deadline = Instant::now() + SETTLING;
        while self.descriptors() > self.descriptors {
            let open = self.descriptors();
            assert!(
                Instant::now() < deadline,
                "{open} descriptors, {} before",
                self.descriptors
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Over QUIC no descriptor tells when the server has seen that its peers are gone.
    fn await_memory(&self) {
        let deadline = Instant::now() + SETTLING;
        while self.grown_kib() >= MOST_GROWTH_KIB {
            let grown = self.grown_kib();
            assert!(Instant::now() < deadline, "{grown} KiB more");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Resident memory beyond that of the start, KiB.
    pub(crate) fn grown_kib(&self) -> u64 {
        self.echo.resident_kib().saturating_sub(self.resident_kib)
    }

    fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.echo.id());
        std::fs::read_dir(folder).expect("proc").count()
    }
}

/// A share of a full size, at least `least`.
pub(crate) fn scaled(full: usize, least: usize) -> usize {
    let scale = std::env::var("NNRP_TORTURE_SCALE").map_or(0.01, |text| {
        text.parse::<f64>().expect("NNRP_TORTURE_SCALE is a number")
    });
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation
    )]
    let share = (full as f64 * scale) as usize; // Sizes are far below the precision of an f64.
    share.clamp(least.min(full), full)
}

/// What a peer that does not care about the answer sends.
pub(crate) fn send_anyway(peer: &mut Peer, bytes: &[u8]) {
    // The server may have ended the connection already, which is what is hoped for.
    let _ = std::io::Write::write_all(&mut peer.stream, bytes);
}
