//! Batches: the records that a caller hands over in one call, parsed one by one as the session takes them.

use crate::body::BodyCopier;
use crate::failure::Failure;
use crate::layout::{NnrpBatch, Record};
use crate::pointer::{Output, Records, bytes};
use nnrp_runtime::Accepted;

/// Most entries of one batch.
const MOST_ENTRIES: u32 = 65_536;

/// The caller's memory of one batch.
pub(crate) struct Batch<'a, T> {
    records: Records<'a, T>,
    arena: &'a [u8],
    out: Output<NnrpBatch>,
}

impl<T: Record> Batch<'_, T> {
    /// The batch of a call, if there is anything in it.
    ///
    /// # Safety
    /// As the exported functions promise for their parameters 2 to 6.
    pub(crate) unsafe fn new(
        records: *const T,
        count: u32,
        arena: *const u8,
        arena_size: usize,
        out: *mut NnrpBatch,
    ) -> Result<Self, Failure> {
        if count == 0 || count > MOST_ENTRIES {
            return Err(Failure::argument(3));
        }
        // SAFETY: as this function's caller promised.
        unsafe {
            let records = Records::new(records, count as usize, 2)?;
            Ok(Self {
                records,
                arena: bytes(arena, arena_size, 4)?,
                out: Output::new(out, 6)?,
            })
        }
    }

    /// Parses entries one by one as `send` asks for them; the first that is invalid ends the batch before it.
    pub(crate) fn send<E, P: Fn(&T, &mut BodyCopier<'_>) -> Option<E>>(
        self,
        parse: P,
        send: impl FnOnce(&mut Entries<'_, T, E, P>) -> Result<Accepted, Failure>,
    ) -> Result<(), Failure> {
        let out = self.out;
        let mut entries = Entries {
            bodies: BodyCopier::new(self.arena, self.records.len()),
            records: self.records,
            parse,
            first: None,
            next: 0,
        };
        // Who has nothing valid to send hears of that first, whatever else is wrong.
        let first = entries.next().ok_or_else(|| Failure::argument(2))?;
        entries.first = Some(first);
        let accepted = send(&mut entries)?;
        out.set(NnrpBatch {
            accepted: accepted.count,
            first_frame_id: accepted.first_frame_id,
            ..NnrpBatch::default()
        });
        Ok(())
    }
}

/// What the records of a batch say, up to the first that is invalid.
pub(crate) struct Entries<'a, T, E, P> {
    records: Records<'a, T>,
    bodies: BodyCopier<'a>,
    parse: P,
    /// Parsed already.
    first: Option<E>,
    next: usize,
}

impl<T: Record, E, P: Fn(&T, &mut BodyCopier<'_>) -> Option<E>> Iterator for Entries<'_, T, E, P> {
    type Item = E;

    #[inline]
    fn next(&mut self) -> Option<E> {
        if self.first.is_some() {
            return self.first.take();
        }
        let record = self.records.get(self.next)?.ok()?;
        self.next += 1;
        (self.parse)(&record, &mut self.bodies)
    }
}
