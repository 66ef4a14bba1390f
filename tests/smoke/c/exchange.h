/* The echo exchange: submits of the pattern within a window, every result checked. */
#ifndef SMOKE_EXCHANGE_H
#define SMOKE_EXCHANGE_H

#include "runner.h"

/* What is told every event that does not belong to the exchange; 1 to go on. */
typedef int (*Bystander)(Runner *runner, const NnrpEvent *event, void *context);

/* Runs `count` echoes of `size` bytes with at most `in_flight` unanswered. Without bystander other events are ignored. */
int exchange(Runner *runner, Label *session, const Json *step, Bystander bystander, void *context);

/* Checks a result: metadata of the echo contract with this class and flags, and the body. */
int check_result(Runner *runner, const NnrpEvent *event, uint32_t size, uint32_t result_class, uint32_t result_flags);

#endif
