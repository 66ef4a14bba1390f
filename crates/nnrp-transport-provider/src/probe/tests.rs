//! Probes of a peer that answers, one that drops, one that is silent and one that is not there.

use super::*;
use crate::{MemoryTransport, TransportId};

/// What the peer does with a probe.
#[derive(Clone, Copy, PartialEq)]
enum Peer {
    Answers,
    Drops,
    IsSilent,
}

async fn samples(name: &str, peer: Peer) -> Vec<ProbeSample> {
    let endpoint = Endpoint::Memory { name: name.into() };
    let mut listener = MemoryTransport.listen(&endpoint).await.expect("listen");
    let serving = tokio::spawn(async move {
        loop {
            let link = listener.accept().await.expect("accept").attach().await;
            tokio::spawn(serve(link.expect("attach"), peer));
        }
    });
    let provider = TransportProviderDescriptor::standard_tcp();
    let options = ProbeOptions {
        timeout: Duration::from_millis(100),
        ..ProbeOptions::default()
    };
    let samples = probe_transport(&provider, &MemoryTransport, &endpoint, &options).await;
    serving.abort();
    assert_eq!(samples.len(), 3);
    let name = &provider.name;
    assert!(
        samples
            .iter()
            .all(|sample| sample.transport_id == TransportId::Tcp && sample.provider_name == *name)
    );
    samples
}

async fn serve(link: Link, peer: Peer) {
    let mut probed = Probed::new(link);
    while let Ok(packet) = probed.next_packet().await {
        match peer {
            Peer::Drops => return,
            Peer::IsSilent => continue,
            Peer::Answers => {}
        }
        let probe = TransportProbe::decode(packet.metadata()).expect("a probe");
        assert_eq!(packet.body().len(), probe.probe_payload_bytes as usize);
        let ack = TransportProbeAck {
            probe_id: probe.probe_id,
            server_recv_ts_us: 0,
        };
        let header = Header::new(MessageType::TransportProbeAck);
        let ack = Packet::with_message(header, &ack, Bytes::new()).expect("an ack");
        let mut bytes = BytesMut::new();
        ack.encode_into(&mut bytes);
        probed.link.writer.write_all(&bytes).await.expect("write");
    }
}

#[tokio::test]
async fn acks_are_timed_and_their_bytes_counted() {
    for sample in samples("probe-answers", Peer::Answers).await {
        assert!(!sample.failed && sample.rtt_us.is_some());
        assert_eq!(
            (sample.bytes_sent, sample.bytes_received),
            (40 + 16 + 32 * 1024, 40 + 16)
        );
    }
}

#[tokio::test]
async fn a_server_that_drops_probes_is_measured_by_connecting() {
    for sample in samples("probe-drops", Peer::Drops).await {
        assert!(!sample.failed && sample.rtt_us.is_some());
        assert_eq!((sample.bytes_sent, sample.bytes_received), (0, 0));
    }
}

#[tokio::test]
async fn silence_and_absence_are_failures_and_told_apart() {
    for sample in samples("probe-silent", Peer::IsSilent).await {
        assert!(sample.failed && sample.timed_out);
    }
    let endpoint = Endpoint::Memory {
        name: "probe-nobody".into(),
    };
    let provider = TransportProviderDescriptor::standard_tcp();
    let options = ProbeOptions::default();
    for sample in probe_transport(&provider, &MemoryTransport, &endpoint, &options).await {
        assert!(sample.failed && !sample.timed_out);
    }
}
