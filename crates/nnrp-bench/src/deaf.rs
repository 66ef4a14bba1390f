//! Peers that submit without reading, and then read after all: nothing may be lost, nothing may hang, nothing may grow.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION};
use nnrp_core::message::session::SessionOpen;
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, encode_message};

use crate::connect::token;
use crate::options::Options;

/// Body of each submit.
const BODY: usize = 64 * 1024;
/// A server that takes nothing for so long has stopped reading.
const STALL: Duration = Duration::from_secs(1);
/// Longest wait for an answer once the peer reads.
const PATIENCE: Duration = Duration::from_secs(30);
/// Operations without an answer that the session asks for.
const IN_FLIGHT: u16 = 256;

/// `--peers` one after the other, all kept: each submits up to `--megabytes` without reading. Then prints `stalled` with the bytes taken, waits for
/// a line of stdin, reads everything, and prints how many answers came to how many submits.
pub fn run(options: &Options) -> Result<String, String> {
    let address = options.word(0, "the address of the server")?;
    let limit = options.number("--megabytes", 64_usize)? << 20;
    let peers = options.number("--peers", 4_usize)?;
    let failed = |error: io::Error| error.to_string();
    let mut deaf: Vec<Deaf> = (0..peers)
        .map(|index| Deaf::open(address, index).map_err(failed))
        .collect::<Result<_, _>>()?;
    for peer in &mut deaf {
        peer.submit_until_stalled(limit).map_err(failed)?;
    }
    let taken: usize = deaf.iter().map(|peer| peer.sent).sum();
    println!(r#"{{"peers":{peers},"taken":{taken}}}"#);
    io::stdin().read_line(&mut String::new()).map_err(failed)?;
    let (mut submits, mut answers) = (0, 0);
    for peer in &mut deaf {
        let (submitted, answered) = peer.read_all().map_err(failed)?;
        submits += submitted;
        answers += answered;
    }
    Ok(format!(r#"{{"submits":{submits},"answers":{answers}}}"#))
}

struct Deaf {
    stream: TcpStream,
    decoder: FrameDecoder,
    received: BytesMut,
    session_id: u32,
    /// Bytes of submits that the system has taken.
    sent: usize,
    /// Length of one submit.
    submit: usize,
    answers: usize,
}

impl Deaf {
    fn open(address: &str, index: usize) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let session_id = u32::try_from(index).unwrap_or_default() + 1000;
        let open = SessionOpen {
            requested_session_id: session_id,
            profile_id: PROFILE_TOKEN,
            schema_id: SCHEMA_TOKEN_DELTA,
            schema_version: SCHEMA_TOKEN_DELTA_VERSION,
            max_in_flight_operations: IN_FLIGHT,
            ..SessionOpen::default()
        };
        let mut bytes = BytesMut::new();
        let header = Header::new(MessageType::SessionOpen);
        encode_message(header, &open, &[], &mut bytes).map_err(io::Error::other)?;
        stream.write_all(&bytes)?;
        let mut peer = Self {
            stream,
            decoder: FrameDecoder::new(),
            received: BytesMut::new(),
            session_id,
            sent: 0,
            submit: 1,
            answers: 0,
        };
        // The ack: from then on nothing is read.
        peer.read_answers(1)?;
        peer.answers = 0;
        Ok(peer)
    }

    fn submit_until_stalled(&mut self, limit: usize) -> io::Result<()> {
        self.stream.set_write_timeout(Some(STALL))?;
        let body = Bytes::from(vec![7; BODY]);
        for frame_id in 1.. {
            let bytes = self.frame(frame_id, &body)?;
            self.submit = bytes.len();
            let mut written = 0;
            while written < bytes.len() {
                match self.stream.write(&bytes[written..]) {
                    Ok(step) => written += step,
                    Err(error) if is_timeout(&error) => {
                        self.sent += written;
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                }
            }
            self.sent += written;
            if self.sent >= limit {
                break;
            }
        }
        Ok(())
    }

    fn frame(&self, frame_id: u32, body: &[u8]) -> io::Result<BytesMut> {
        let header = Header {
            session_id: self.session_id,
            frame_id,
            ..Header::new(MessageType::FrameSubmit)
        };
        let mut bytes = BytesMut::new();
        encode_message(header, &token(), body, &mut bytes).map_err(io::Error::other)?;
        Ok(bytes)
    }

    /// Reads the answers to what was submitted, and completes the last submit as soon as there is room for it.
    fn read_all(&mut self) -> io::Result<(usize, usize)> {
        let missing = self.sent.next_multiple_of(self.submit) - self.sent;
        let submits = (self.sent + missing) / self.submit;
        let body = vec![7; BODY];
        let last = self.frame(u32::try_from(submits).unwrap_or_default(), &body)?;
        let mut stream = self.stream.try_clone()?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let rest = last[last.len() - missing..].to_vec();
        let writer = std::thread::spawn(move || stream.write_all(&rest));
        self.read_answers(submits)?;
        writer
            .join()
            .map_err(|_| io::Error::other("the writer panicked"))??;
        Ok((submits, self.answers))
    }

    fn read_answers(&mut self, wanted: usize) -> io::Result<()> {
        self.stream.set_read_timeout(Some(PATIENCE))?;
        let started = Instant::now();
        let mut target = vec![0; 256 * 1024];
        while self.answers < wanted && started.elapsed() < PATIENCE {
            let bytes = self.stream.read(&mut target)?;
            if bytes == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&target[..bytes]);
            let limits = Limits::default();
            while let Some(_packet) = self
                .decoder
                .decode(&mut self.received, &limits)
                .map_err(io::Error::other)?
            {
                self.answers += 1;
            }
        }
        Ok(())
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
