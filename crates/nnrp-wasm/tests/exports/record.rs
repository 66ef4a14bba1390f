//! The records in which events reach a host, taken apart.

use serde_json::Value;

/// The kinds of records, as JavaScript has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    HelloAcknowledged = 1,
    SessionOpened,
    OpenRefused,
    OpenFailed,
    Result,
    ResultDropped,
    Hint,
    FlowUpdated,
    Writable,
    CacheAnswered,
    ObjectsInvalidated,
    SessionPatched,
    SessionMigrated,
    CloseAnswered,
    SessionEnded,
    Pong,
    ProbeAcknowledged,
    PeerError,
    ConnectionEnded,
}

impl Kind {
    const ALL: [Self; 19] = [
        Self::HelloAcknowledged,
        Self::SessionOpened,
        Self::OpenRefused,
        Self::OpenFailed,
        Self::Result,
        Self::ResultDropped,
        Self::Hint,
        Self::FlowUpdated,
        Self::Writable,
        Self::CacheAnswered,
        Self::ObjectsInvalidated,
        Self::SessionPatched,
        Self::SessionMigrated,
        Self::CloseAnswered,
        Self::SessionEnded,
        Self::Pong,
        Self::ProbeAcknowledged,
        Self::PeerError,
        Self::ConnectionEnded,
    ];
}

/// A record of an event, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) session_id: u32,
    pub(crate) frame_id: u32,
    pub(crate) number: u32,
    pub(crate) wide: u64,
    pub(crate) flags: u32,
    pub(crate) view_id: u16,
    pub(crate) route_id: u16,
    pub(crate) resumable: u32,
    pub(crate) metadata: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) text: String,
}

impl Record {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    /// Takes the first record off the bytes.
    pub(crate) fn read(bytes: &mut &[u8]) -> Self {
        let kind = u32::from_le_bytes(taken(bytes));
        let known = Kind::ALL.into_iter().find(|known| *known as u32 == kind);
        let mut word = || u32::from_le_bytes(taken(bytes));
        let (session_id, frame_id, number) = (word(), word(), word());
        let wide = u64::from_le_bytes(taken(bytes));
        let flags = u32::from_le_bytes(taken(bytes));
        let (view_id, route_id) = (taken(bytes), taken(bytes));
        let mut word = || u32::from_le_bytes(taken(bytes));
        let (resumable, lengths) = (word(), [word(), word(), word()]);
        let [metadata, body, text] = lengths.map(|length| {
            let (section, rest) = bytes.split_at(length as usize);
            *bytes = rest;
            section.to_vec()
        });
        Self {
            kind: known.unwrap_or_else(|| panic!("no kind has the number {kind}")),
            session_id,
            frame_id,
            number,
            wide,
            flags,
            view_id: u16::from_le_bytes(view_id),
            route_id: u16::from_le_bytes(route_id),
            resumable,
            metadata,
            body,
            text: String::from_utf8(text).expect("text"),
        }
    }
}

fn taken<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = bytes.split_first_chunk().expect("a whole record");
    *bytes = rest;
    *taken
}
