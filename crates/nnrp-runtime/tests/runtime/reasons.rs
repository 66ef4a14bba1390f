//! What failures are called: commands, ends of connections, and the errors of the async API made of them.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use nnrp_core::code::ErrorCode;
use nnrp_core::connection::CommandError as MachineError;
use nnrp_core::credit::Blocked;
use nnrp_core::{CodecError, ErrorKind, ProtocolError, TimeoutKind};
use nnrp_runtime::{CommandError, ConnectionEnd, RuntimeError};

fn ends() -> Vec<(ConnectionEnd, &'static str, Option<io::ErrorKind>)> {
    let lost = ConnectionEnd::Lost {
        kind: io::ErrorKind::BrokenPipe,
        os_error: Some(32),
    };
    let given_up = ConnectionEnd::GivenUp {
        attempts: 3,
        last: Arc::new(lost.clone()),
    };
    let refused = ConnectionEnd::Refused {
        code: ErrorCode::SERVER_BUSY,
        text: "later".into(),
    };
    let protocol = ProtocolError::on_connection(CodecError::InvalidMagic);
    let timed_out = Some(io::ErrorKind::TimedOut);
    vec![
        (ConnectionEnd::ClosedHere, "closed-here", None),
        (ConnectionEnd::ClosedByPeer, "closed-by-peer", None),
        (lost, "transport-lost", Some(io::ErrorKind::BrokenPipe)),
        (
            ConnectionEnd::ConnectTimeout(250),
            "connect-timeout",
            timed_out,
        ),
        (ConnectionEnd::WriteTimeout, "write-timeout", timed_out),
        (
            ConnectionEnd::PeerTimeout(TimeoutKind::Idle),
            "peer-timeout",
            timed_out,
        ),
        (ConnectionEnd::Protocol(protocol), "protocol-error", None),
        (given_up, "given-up", Some(io::ErrorKind::NotConnected)),
        (refused, "refused", Some(io::ErrorKind::ConnectionRefused)),
    ]
}

#[test]
fn each_end_of_a_connection_has_a_name_and_keeps_its_cause_in_the_async_api() {
    let names: BTreeSet<_> = ends().iter().map(|(end, ..)| end.name()).collect();
    assert_eq!(names.len(), ends().len());
    for (end, name, io_kind) in ends() {
        assert_eq!(end.name(), name);
        let text = end.to_string();
        match RuntimeError::from(end) {
            RuntimeError::Io(error) => {
                assert_eq!(Some(error.kind()), io_kind, "{name}");
                assert_eq!(error.to_string(), text);
            }
            RuntimeError::Protocol(error) => {
                assert_eq!(error.kind, ErrorKind::Codec(CodecError::InvalidMagic));
            }
            RuntimeError::ConnectionEnded(end) => assert_eq!(end.name(), name),
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn what_a_machine_refuses_is_a_command_error_of_the_same_meaning() {
    let too_large = MachineError::BodyTooLarge {
        actual: 9,
        allowed: 8,
    };
    let same = [
        (
            MachineError::WouldBlock(Blocked::Paused),
            CommandError::WouldBlock,
        ),
        (MachineError::ConnectionNotOpen, CommandError::Closed),
        (
            MachineError::UnknownSession(3),
            CommandError::UnknownSession,
        ),
        (
            MachineError::UnknownFrame(4),
            CommandError::UnknownFrame { frame_id: 4 },
        ),
        (
            MachineError::FrameIdsExhausted,
            CommandError::FrameIdOverflow,
        ),
        (
            too_large,
            CommandError::BodyTooLarge {
                limit: 8,
                actual: 9,
            },
        ),
        (
            MachineError::Codec(CodecError::InvalidMagic),
            CommandError::Invalid(CodecError::InvalidMagic),
        ),
    ];
    for (machine, command) in same {
        assert_eq!(CommandError::from(machine), command);
    }
    let states = [
        MachineError::OneSessionPerConnection,
        MachineError::NotNegotiated("cache"),
        MachineError::NotResumable(1),
        MachineError::TooManySessions,
        MachineError::SessionNotOpen(1),
        MachineError::SessionIdUsed(1),
        MachineError::UnknownTicket,
        MachineError::RequestPending(1),
    ];
    let texts: BTreeSet<String> = states
        .into_iter()
        .map(|machine| match CommandError::from(machine) {
            error @ CommandError::WrongState(_) => error.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts.len(), states.len(), "each says what is in the way");
}
