//! Takes frames apart where they lie: headers fall out, payloads move together, and nothing is allocated however long a message is.

use super::header::{FrameHeader, MOST_CONTROL_BYTES, MOST_HEADER_BYTES, Opcode};
use super::mask::Mask;
use super::role::Role;
use crate::close::CloseStatus;
use crate::violation::Violation;

/// Reads the frames of one direction.
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    sender: Role,
    header: [u8; MOST_HEADER_BYTES],
    header_length: usize,
    inside: Inside,
    /// A message has begun whose last frame has not.
    message_goes_on: bool,
    ping: Option<ControlPayload>,
    close: Option<CloseStatus>,
}

/// Where in a frame the next byte lies.
#[derive(Debug)]
enum Inside {
    Header,
    Payload {
        left: u64,
        mask: Mask,
    },
    Control {
        opcode: Opcode,
        left: usize,
        mask: Mask,
        payload: ControlPayload,
    },
}

/// The payload of a control frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ControlPayload {
    bytes: [u8; MOST_CONTROL_BYTES],
    length: usize,
}

impl ControlPayload {
    const EMPTY: Self = Self {
        bytes: [0; MOST_CONTROL_BYTES],
        length: 0,
    };

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn append(&mut self, piece: &[u8], mask: &mut Mask) {
        let end = self.length + piece.len();
        let target = &mut self.bytes[self.length..end];
        target.copy_from_slice(piece);
        mask.apply(target);
        self.length = end;
    }
}

impl FrameDecoder {
    pub(crate) fn of_sender(sender: Role) -> Self {
        Self {
            sender,
            header: [0; MOST_HEADER_BYTES],
            header_length: 0,
            inside: Inside::Header,
            message_goes_on: false,
            ping: None,
            close: None,
        }
    }

    /// Moves the payload in `raw` to its start and gives its length; with a violation, it is what stood before that.
    ///
    /// What follows a Close frame is none of the direction's bytes any more.
    pub(crate) fn decode(&mut self, raw: &mut [u8]) -> (usize, Result<(), Violation>) {
        let (mut from, mut to) = (0, 0);
        while from < raw.len() && self.close.is_none() {
            match &mut self.inside {
                Inside::Header => match self.take_header(&raw[from..]) {
                    Ok(taken) => from += taken,
                    Err(violation) => return (to, Err(violation)),
                },
                Inside::Payload { left, mask } => {
                    let taken = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(raw.len() - from);
                    raw.copy_within(from..from + taken, to);
                    mask.apply(&mut raw[to..to + taken]);
                    from += taken;
                    to += taken;
                    *left -= taken as u64;
                    if *left == 0 {
                        self.inside = Inside::Header;
                    }
                }
                Inside::Control {
                    left,
                    mask,
                    payload,
                    ..
                } => {
                    let taken = (*left).min(raw.len() - from);
                    payload.append(&raw[from..from + taken], mask);
                    from += taken;
                    *left -= taken;
                    if *left == 0
                        && let Err(violation) = self.end_control()
                    {
                        return (to, Err(violation));
                    }
                }
            }
        }
        (to, Ok(()))
    }

    /// The last Ping that nobody has answered. Earlier ones need no answer of their own (RFC 6455 §5.5.3).
    pub(crate) fn take_ping(&mut self) -> Option<ControlPayload> {
        self.ping.take()
    }

    /// How the sender has ended its direction, once it has.
    pub(crate) fn close(&self) -> Option<CloseStatus> {
        self.close
    }

    fn take_header(&mut self, raw: &[u8]) -> Result<usize, Violation> {
        let missing = FrameHeader::needed(&self.header[..self.header_length]) - self.header_length;
        let taken = missing.min(raw.len());
        let end = self.header_length + taken;
        self.header[self.header_length..end].copy_from_slice(&raw[..taken]);
        self.header_length = end;
        if end == FrameHeader::needed(&self.header[..end]) {
            let header = FrameHeader::parse(&self.header[..end], self.sender)?;
            self.header_length = 0;
            self.begin(header)?;
        }
        Ok(taken)
    }

    fn begin(&mut self, header: FrameHeader) -> Result<(), Violation> {
        let mask = header.mask();
        match header.opcode {
            Opcode::Continuation if !self.message_goes_on => Err(Violation::StrayContinuation),
            Opcode::Binary if self.message_goes_on => Err(Violation::InterruptedMessage),
            Opcode::Continuation | Opcode::Binary => {
                self.message_goes_on = !header.is_last;
                if header.length > 0 {
                    let left = header.length;
                    self.inside = Inside::Payload { left, mask };
                }
                Ok(())
            }
            opcode => {
                // The header was refused if it is more.
                let left = usize::try_from(header.length).unwrap_or(MOST_CONTROL_BYTES);
                let payload = ControlPayload::EMPTY;
                self.inside = Inside::Control {
                    opcode,
                    left,
                    mask,
                    payload,
                };
                if left == 0 {
                    self.end_control()
                } else {
                    Ok(())
                }
            }
        }
    }

    fn end_control(&mut self) -> Result<(), Violation> {
        let inside = std::mem::replace(&mut self.inside, Inside::Header);
        let Inside::Control {
            opcode, payload, ..
        } = inside
        else {
            return Ok(());
        };
        match opcode {
            Opcode::Ping => self.ping = Some(payload),
            Opcode::Close => self.close = Some(CloseStatus::parse(payload.as_bytes())?),
            // Nobody was asked, so an answer means nothing.
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
