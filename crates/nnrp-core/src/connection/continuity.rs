//! What a server keeps of a resumable session, so that it can go on over another connection with
//! no result lost and none delivered twice.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use bytes::Bytes;

use crate::cache::Moving;
use crate::connection::retained::RetainedSubmit;
use crate::packet::Packet;

/// Bodies below this size are copied, so that a small one does not keep its receive buffer alive.
const COPIED_BODY: usize = 1024;

/// Results kept before the client is asked how far they have arrived.
const ASK_AFTER: usize = 64;

/// Unanswered submits, and answers that are not known to have arrived.
///
/// Answers travel in order, so what a client has is told by one number: how many have arrived.
/// A `PING` in the session's lane asks for it during the session, the extension of the resuming
/// `SESSION_OPEN` after a loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionContinuity {
    submits: BTreeMap<u32, RetainedSubmit>,
    /// The last of all answers sent so far, ascending; the first has number `sent - len + 1`.
    answers: VecDeque<Packet>,
    /// Answers sent in the life of the session.
    sent: u64,
    submit_bytes: usize,
    answer_bytes: usize,
    last_received: u32,
    /// Cached objects of the session while no connection carries it.
    pub(super) objects: Vec<Moving>,
    /// A question about this number of answers is on its way.
    asked: Option<u64>,
}

impl SessionContinuity {
    /// Bytes kept in memory.
    #[must_use]
    pub fn retained_bytes(&self) -> usize {
        self.submit_bytes + self.answer_bytes
    }

    /// Those of answers: the client frees them by telling of their arrival, which those of submits
    /// do not wait for.
    pub(super) fn answer_bytes(&self) -> usize {
        self.answer_bytes
    }

    /// The highest frame id that has arrived; 0 = none.
    #[must_use]
    pub fn last_received(&self) -> u32 {
        self.last_received
    }

    /// Frames without a terminal answer, by id.
    pub fn unanswered(&self) -> impl Iterator<Item = (u32, &RetainedSubmit)> {
        self.submits.iter().map(|(id, submit)| (*id, submit))
    }

    pub(super) fn note_received(&mut self, frame_id: u32) {
        self.last_received = self.last_received.max(frame_id);
    }

    pub(super) fn retain_submit(&mut self, frame_id: u32, mut submit: RetainedSubmit) {
        if submit.body.len() < COPIED_BODY {
            submit.body = Bytes::copy_from_slice(&submit.body);
        }
        self.submit_bytes += submit.footprint();
        self.submits.insert(frame_id, submit);
    }

    pub(super) fn note_cancel(&mut self, frame_id: u32) {
        if let Some(submit) = self.submits.get_mut(&frame_id) {
            submit.cancelled = true;
        }
    }

    pub(super) fn forget_submit(&mut self, frame_id: u32) {
        if let Some(submit) = self.submits.remove(&frame_id) {
            self.submit_bytes -= submit.footprint();
        }
    }

    /// Keeps an answer that is about to be sent.
    pub(super) fn retain_answer(&mut self, packet: Packet) {
        self.sent += 1;
        self.answer_bytes += footprint(&packet);
        self.answers.push_back(packet);
    }

    /// The number to ask the client about, if it is time to ask.
    pub(super) fn question(&mut self, limit: usize) -> Option<u64> {
        let due = self.answers.len() >= ASK_AFTER || self.answer_bytes >= limit / 4;
        if !due || self.asked.is_some() || self.answers.is_empty() {
            return None;
        }
        self.asked = Some(self.sent);
        self.asked
    }

    /// The client has answers up to this number.
    pub(super) fn release_through(&mut self, number: u64) {
        if self.asked.is_some_and(|asked| asked <= number) {
            self.asked = None;
        }
        let first = self.sent - self.answers.len() as u64 + 1;
        // More than were sent cannot have arrived.
        for _ in first..=number.min(self.sent) {
            if let Some(packet) = self.answers.pop_front() {
                self.answer_bytes -= footprint(&packet);
            }
        }
    }

    /// The answers to send again on a new connection, whose client has them up to `position`.
    pub(super) fn redeliver(&mut self, position: u64) -> impl Iterator<Item = &Packet> {
        self.asked = None;
        self.release_through(position);
        self.answers.iter()
    }
}

fn footprint(packet: &Packet) -> usize {
    size_of::<Packet>() + packet.body().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::FrameContext;
    use crate::header::Header;
    use crate::message::submit::FrameSubmit;
    use crate::message_type::MessageType;

    fn answer(frame_id: u32) -> Packet {
        Packet::empty(Header {
            frame_id,
            ..Header::new(MessageType::ResultDrop)
        })
    }

    fn with_answers(count: u32) -> SessionContinuity {
        let mut kept = SessionContinuity::default();
        (1..=count).for_each(|id| kept.retain_answer(answer(id)));
        kept
    }

    fn redelivered(kept: &mut SessionContinuity, position: u64) -> Vec<u32> {
        kept.redeliver(position)
            .map(|packet| packet.header().frame_id)
            .collect()
    }

    #[test]
    fn exactly_the_answers_that_have_not_arrived_are_sent_again() {
        assert_eq!(redelivered(&mut with_answers(4), 2), [3, 4]);
        assert_eq!(redelivered(&mut with_answers(4), 0), [1, 2, 3, 4]);
        assert_eq!(redelivered(&mut with_answers(4), 4), []);
        assert_eq!(redelivered(&mut with_answers(4), u64::MAX), []);
    }

    #[test]
    fn what_the_client_has_is_forgotten_and_frees_its_bytes() {
        let mut kept = with_answers(3);
        kept.release_through(1);
        assert_eq!(redelivered(&mut kept, 0), [2, 3]);
        kept.release_through(3);
        assert_eq!(kept.retained_bytes(), 0);
        kept.release_through(3);
        kept.retain_answer(answer(4));
        assert_eq!(redelivered(&mut kept, 3), [4]);
    }

    #[test]
    fn what_was_submitted_does_not_hold_up_its_answer() {
        let mut kept = SessionContinuity::default();
        let submit = RetainedSubmit {
            metadata: FrameSubmit::default(),
            context: FrameContext::default(),
            body: Bytes::from_static(&[0; 5000]),
            objects: Vec::new(),
            cancelled: false,
        };
        kept.retain_submit(1, submit);
        assert!(kept.retained_bytes() > 5000);
        assert_eq!(kept.answer_bytes(), 0);
        kept.forget_submit(1);
        assert_eq!(kept.retained_bytes(), 0);
    }

    #[test]
    fn the_question_is_asked_again_on_another_connection() {
        let mut kept = with_answers(2);
        assert_eq!(kept.question(0), Some(2));
        assert_eq!(redelivered(&mut kept, 0), [1, 2]);
        assert_eq!(kept.question(0), Some(2));
    }

    #[test]
    fn one_question_at_a_time_is_asked_when_much_is_kept() {
        let mut kept = with_answers(1);
        assert_eq!(kept.question(usize::MAX), None);
        assert_eq!(kept.question(0), Some(1));
        assert_eq!(kept.question(0), None);
        kept.release_through(1);
        kept.retain_answer(answer(2));
        assert_eq!(kept.question(0), Some(2));
    }
}
