//! Packets of the byte-level tests: numbers of messages, fields by their place, and what a client says.

pub(crate) const CLIENT_HELLO: u8 = 0x01;
pub(crate) const SERVER_HELLO_ACK: u8 = 0x02;
pub(crate) const SESSION_PATCH: u8 = 0x03;
pub(crate) const SESSION_PATCH_ACK: u8 = 0x04;
pub(crate) const CLOSE: u8 = 0x05;
pub(crate) const ERROR: u8 = 0x06;
pub(crate) const SESSION_OPEN: u8 = 0x07;
pub(crate) const SESSION_OPEN_ACK: u8 = 0x08;
pub(crate) const SESSION_CLOSE: u8 = 0x09;
pub(crate) const SESSION_CLOSE_ACK: u8 = 0x0a;
pub(crate) const FRAME_SUBMIT: u8 = 0x10;
pub(crate) const FRAME_CANCEL: u8 = 0x11;
pub(crate) const RESULT_PUSH: u8 = 0x12;
pub(crate) const RESULT_DROP: u8 = 0x13;
pub(crate) const FLOW_UPDATE: u8 = 0x17;
pub(crate) const TRANSPORT_PROBE: u8 = 0x19;
pub(crate) const TRANSPORT_PROBE_ACK: u8 = 0x1a;
pub(crate) const SESSION_MIGRATE: u8 = 0x1b;
pub(crate) const SESSION_MIGRATE_ACK: u8 = 0x1c;
pub(crate) const PING: u8 = 0x20;
pub(crate) const PONG: u8 = 0x21;

/// One packet as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: u8,
    pub(crate) session: u32,
    pub(crate) frame: u32,
    pub(crate) metadata: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Packet {
    pub(crate) fn u8(&self, offset: usize) -> u8 {
        self.metadata[offset]
    }

    pub(crate) fn u16(&self, offset: usize) -> u16 {
        u16::from_le_bytes(
            self.metadata[offset..offset + 2]
                .try_into()
                .expect("2 bytes"),
        )
    }

    pub(crate) fn u32(&self, offset: usize) -> u32 {
        u32::from_le_bytes(
            self.metadata[offset..offset + 4]
                .try_into()
                .expect("4 bytes"),
        )
    }

    pub(crate) fn u64(&self, offset: usize) -> u64 {
        u64::from_le_bytes(
            self.metadata[offset..offset + 8]
                .try_into()
                .expect("8 bytes"),
        )
    }

    /// `session_status` of a `SESSION_OPEN_ACK`.
    pub(crate) fn status(&self) -> u8 {
        assert_eq!(
            (self.kind, self.metadata.len()),
            (SESSION_OPEN_ACK, 56),
            "{self:?}"
        );
        self.u8(7)
    }

    /// `session_error_code` of a `SESSION_OPEN_ACK`.
    pub(crate) fn code(&self) -> u32 {
        assert_eq!(
            (self.kind, self.metadata.len()),
            (SESSION_OPEN_ACK, 56),
            "{self:?}"
        );
        self.u32(48)
    }
}

/// What a `SESSION_OPEN` asks for; the default is the published default client with a free id.
pub(crate) struct Open {
    pub(crate) id: u32,
    pub(crate) profile: u16,
    pub(crate) flags: u8,
    pub(crate) schema_version: u32,
    pub(crate) max_in_flight: u16,
    pub(crate) resume_token_bytes: u32,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            id: 1,
            profile: 2,
            flags: 0,
            schema_version: 3,
            max_in_flight: 4,
            resume_token_bytes: 0,
        }
    }
}

impl Open {
    pub(crate) fn metadata(&self) -> Vec<u8> {
        let mut bytes = self.id.to_le_bytes().to_vec();
        bytes.extend(self.profile.to_le_bytes());
        bytes.extend([1, self.flags]);
        bytes.extend(0x1001_u32.to_le_bytes());
        bytes.extend(self.schema_version.to_le_bytes());
        bytes.extend(500_u32.to_le_bytes());
        bytes.extend(self.max_in_flight.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(30_000_u32.to_le_bytes());
        bytes.extend(self.resume_token_bytes.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(u64::from(self.id).to_le_bytes());
        bytes
    }
}

/// Every field of a result that the contract fixes, for the token submits of [`submit`].
pub(crate) fn assert_echo(result: &Packet, session: u32, frame: u32, flags: u16, class: u8) {
    assert_eq!(
        (result.kind, result.session, result.frame),
        (RESULT_PUSH, session, frame),
        "{result:?}"
    );
    assert_eq!(result.metadata.len(), 64);
    assert_eq!(result.u16(0), 200, "status_code");
    assert_eq!(result.u16(2), flags, "result_flags");
    assert_eq!(result.u16(8), 2, "active_profile_id");
    assert_eq!(result.u8(44), class, "result_class");
    assert_eq!(result.u32(48), 0, "reused_frame_id");
    assert_eq!(
        (result.u32(56), result.u16(60)),
        (2, 1),
        "payload kinds and frames of the submit"
    );
    for (offset, size) in [(4, 4), (20, 8), (52, 4)] {
        assert!(
            result.metadata[offset..offset + size]
                .iter()
                .all(|byte| *byte == 0),
            "tensor fields"
        );
    }
}

pub(crate) fn packet(kind: u8, session: u32, frame: u32, metadata: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"NNRP\x01\x00".to_vec();
    bytes.extend([kind, 40, 0, 0, 0, 0]);
    bytes.extend(u32::try_from(metadata.len()).expect("length").to_le_bytes());
    bytes.extend(u32::try_from(body.len()).expect("length").to_le_bytes());
    bytes.extend(session.to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend([0; 12]);
    bytes.extend(metadata);
    bytes.extend(body);
    bytes
}

/// A hello with both profiles and every payload kind.
pub(crate) fn hello_metadata() -> Vec<u8> {
    let mut hello = vec![1, 1, 1, 0, 3, 0, 0, 0, 0x7f, 0, 0, 0];
    hello.resize(64, 0);
    hello[34] = 1;
    hello
}

pub(crate) fn submit(session: u32, frame: u32, budget: u16, body: &[u8]) -> Vec<u8> {
    let mut metadata = [0; 72];
    metadata[16..18].copy_from_slice(&budget.to_le_bytes());
    metadata[64] = 2;
    metadata[68] = 1;
    packet(FRAME_SUBMIT, session, frame, &metadata, body)
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ascii"), 16).expect("hex"))
        .collect()
}
