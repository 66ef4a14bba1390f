/* nnrp.h: umbrella header of the NNRP C ABI; include this one.
 *
 * Rules that hold for every function of this ABI
 * ----------------------------------------------
 *  - Status.   Every call returns NnrpStatus; outputs are written only on NNRP_STATUS_OK. A nullable last
 *              `NnrpError *` receives the whole diagnosis. The identity calls of nnrp_version.h cannot fail and
 *              return their value.
 *  - Handles.  64-bit values below 2^53, never pointers. 0 is invalid. A stale, foreign or random handle gives
 *              NNRP_STATUS_INVALID_HANDLE, never undefined behaviour. A connection, session or listener handle
 *              stays valid until its *_CLOSED event has been drained. Closing twice is NNRP_STATUS_OK. Each copy of
 *              the library in a process counts its own: handles and nnrp+mem:// names are for that copy only.
 *  - Threads.  Every function may be called from any thread at any time, also while another thread closes the
 *              same handle. Only nnrp_queue_wait, nnrp_queue_close, nnrp_server_listen (address lookup) and
 *              nnrp_queue_set_wake (while the wake runs) block.
 *  - Memory.   The caller owns every pointer it passes; the library keeps none after the call returns. Strings
 *              are UTF-8 with a length and need no terminating zero.
 *  - Structs.  Fixed-width integers at natural offsets with explicit padding: one layout on every target. A struct
 *              that callers fill starts with `struct_size` = sizeof that struct; reserved fields are zero.
 *  - Fork.     In a child of fork of a process that has used the library, every call is NNRP_STATUS_FORKED and none
 *              hangs; handles of the parent mean nothing there. exec, or use the library in one of the two.
 *  - Signals. The library's threads block SIGPIPE, so that a peer which resets its connection does not end the process;
 *              handlers and the masks of the program's own threads stay as they are.
 *  - Exit.     A process may end at any time, with any work in flight; what is queued may not reach its peer. The
 *              library owns threads, so it cannot be unloaded once it was used: dlclose leaves it where it is.
 *  - Events.   Everything that happens later arrives as an event of the queue that was named at connect or listen.
 */
#ifndef NNRP_NNRP_H
#define NNRP_NNRP_H

#include "nnrp_version.h"
#include "nnrp_error.h"
#include "nnrp_options.h"
#include "nnrp_ffi.h"
#include "nnrp_runtime.h"
#include "nnrp_control.h"
#include "nnrp_resume.h"
#include "nnrp_payload.h"
#include "nnrp_cache.h"
#include "nnrp_transport.h"
#include "nnrp_recovery.h"
#include "nnrp_observe.h"

#endif /* NNRP_NNRP_H */
