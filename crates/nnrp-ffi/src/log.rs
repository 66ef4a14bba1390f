//! The log as events of queues, from the lines that the library's threads tell `tracing`. Declared in `nnrp_observe.h`.

pub(crate) mod layout;
mod line;
mod readers;
pub(crate) mod subscriber;

use self::layout::NNRP_LOG_TRACE;
use crate::call::run;
use crate::failure::Failure;
use crate::handle::NnrpHandle;
use crate::layout::NnrpError;
use crate::queue::find;
use crate::status::NnrpStatus;

/// Sends the log of the library, up to `level`, to a queue as events.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_queue_set_log(
    queue: NnrpHandle,
    level: u32,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            if level > NNRP_LOG_TRACE {
                return Err(Failure::argument(2));
            }
            readers::set(&find(queue)?, level)?;
            subscriber::heed_level();
            Ok(())
        })
    }
}
