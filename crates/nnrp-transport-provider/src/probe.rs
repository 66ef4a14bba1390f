//! Measures a way to a server: connects, sends `TRANSPORT_PROBE`s of real size and times their acks (spec 02 §2.9, 14.6).
//!
//! A published server drops a connection that starts with a probe. The time of connecting is the measurement then, so that such servers can be
//! compared too.

use std::future::Future;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nnrp_core::message::probe::{TransportProbe, TransportProbeAck};
use nnrp_core::{FrameDecoder, Header, Limits, MessageType, Packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::selection::{ProbeSample, TransportProviderDescriptor};
use crate::{Endpoint, Link, Transport};

/// How to probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeOptions {
    /// Samples a provider. Default 3, the least that the public protocol text scores.
    pub samples: u32,
    /// Bytes of padding in each, near the size of real bodies. Default 32 KiB.
    pub payload_bytes: u32,
    /// Time for connecting, and again for each ack. Default 2 s.
    pub timeout: Duration,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self {
            samples: 3,
            payload_bytes: 32 * 1024,
            timeout: Duration::from_secs(2),
        }
    }
}

/// Probes one provider; always gives as many samples as asked for. Must be polled inside a tokio runtime.
///
/// One connection serves for all samples; a probe that warms it up does not count.
pub async fn probe_transport(
    provider: &TransportProviderDescriptor,
    transport: &dyn Transport,
    endpoint: &Endpoint,
    options: &ProbeOptions,
) -> Vec<ProbeSample> {
    let prober = Prober { provider, options };
    let start = Instant::now();
    match within(options.timeout, transport.connect(endpoint)).await {
        Err(failure) => (0..options.samples)
            .map(|_| prober.failure(start, failure))
            .collect(),
        Ok(link) => {
            prober
                .sample(Probed::new(link), transport, endpoint, micros(start))
                .await
        }
    }
}

struct Prober<'a> {
    provider: &'a TransportProviderDescriptor,
    options: &'a ProbeOptions,
}

/// Why there is no measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    TimedOut,
    Failed,
}

impl Prober<'_> {
    async fn sample(
        &self,
        mut probed: Probed,
        transport: &dyn Transport,
        endpoint: &Endpoint,
        connect_us: u64,
    ) -> Vec<ProbeSample> {
        let warm_up = within(self.options.timeout, probed.round_trip(0, self.options)).await;
        if warm_up == Err(Failure::Failed) {
            drop(probed);
            return self.connect_times(transport, endpoint, connect_us).await;
        }
        let mut samples = Vec::new();
        for probe_id in 1..=self.options.samples {
            let start = Instant::now();
            let trip = within(
                self.options.timeout,
                probed.round_trip(probe_id, self.options),
            );
            samples.push(match trip.await {
                Ok(bytes) => self.success(micros(start), bytes),
                Err(failure) => self.failure(start, failure),
            });
        }
        // Nobody waits for the end of a connection that carried nothing else.
        let _ = within(self.options.timeout, probed.link.writer.shutdown()).await;
        samples
    }

    /// For servers that answer no probe. Connecting takes one round trip and the handshake of the transport.
    async fn connect_times(
        &self,
        transport: &dyn Transport,
        endpoint: &Endpoint,
        first_us: u64,
    ) -> Vec<ProbeSample> {
        let mut samples = vec![self.success(first_us, (0, 0))];
        for _ in 1..self.options.samples {
            let start = Instant::now();
            samples.push(
                match within(self.options.timeout, transport.connect(endpoint)).await {
                    Ok(_) => self.success(micros(start), (0, 0)),
                    Err(failure) => self.failure(start, failure),
                },
            );
        }
        samples
    }

    fn success(&self, rtt_us: u64, (sent, received): (u64, u64)) -> ProbeSample {
        let name = self.provider.name.clone();
        ProbeSample::success(
            self.provider.transport_id,
            name,
            rtt_us,
            rtt_us,
            sent,
            received,
        )
    }

    fn failure(&self, start: Instant, failure: Failure) -> ProbeSample {
        let name = self.provider.name.clone();
        let timed_out = failure == Failure::TimedOut;
        ProbeSample::failure(self.provider.transport_id, name, micros(start), timed_out)
    }
}

/// A connection that is probed.
struct Probed {
    link: Link,
    start: Instant,
    decoder: FrameDecoder,
    buffer: BytesMut,
}

impl Probed {
    fn new(link: Link) -> Self {
        Self {
            link,
            start: Instant::now(),
            decoder: FrameDecoder::new(),
            buffer: BytesMut::new(),
        }
    }

    /// Bytes sent and received.
    async fn round_trip(
        &mut self,
        probe_id: u32,
        options: &ProbeOptions,
    ) -> io::Result<(u64, u64)> {
        let probe = TransportProbe {
            probe_id,
            probe_payload_bytes: options.payload_bytes,
            client_send_ts_us: micros(self.start),
        };
        let padding = Bytes::from(vec![0; options.payload_bytes as usize]);
        let header = Header::new(MessageType::TransportProbe);
        let packet = Packet::with_message(header, &probe, padding).map_err(io::Error::other)?;
        let mut bytes = BytesMut::new();
        packet.encode_into(&mut bytes);
        self.link.writer.write_all(&bytes).await?;
        self.link.writer.flush().await?;
        loop {
            let answer = self.next_packet().await?;
            if answer.header().message_type != MessageType::TransportProbeAck {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "no answer to a probe",
                ));
            }
            let ack = TransportProbeAck::decode(answer.metadata()).map_err(io::Error::other)?;
            // The ack of a probe whose time was up is late, not wrong.
            if ack.probe_id == probe_id {
                return Ok((bytes.len() as u64, answer.len() as u64));
            }
        }
    }

    async fn next_packet(&mut self) -> io::Result<Packet> {
        loop {
            let packet = self.decoder.decode(&mut self.buffer, &Limits::default());
            if let Some(packet) = packet.map_err(io::Error::other)? {
                return Ok(packet);
            }
            if self.link.reader.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

async fn within<T, E>(
    time: Duration,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match timeout(time, step).await {
        Ok(outcome) => outcome.map_err(|_| Failure::Failed),
        Err(_) => Err(Failure::TimedOut),
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
