/* The steps of the scenario, by what they do; ../README.md says what each has to prove. */
#ifndef SMOKE_STEPS_H
#define SMOKE_STEPS_H

#include "runner.h"

int step_identity(Runner *runner, const Json *step);
int step_connect(Runner *runner, const Json *step);
int step_open_session(Runner *runner, const Json *step);
int step_echo(Runner *runner, const Json *step);
int step_verb_drop(Runner *runner, const Json *step);
int step_verb_hold(Runner *runner, const Json *step);
int step_verb_partial(Runner *runner, const Json *step);
int step_verb_flow(Runner *runner, const Json *step);
int step_close_session(Runner *runner, const Json *step);
int step_stale_handle(Runner *runner, const Json *step);
int step_close_connection(Runner *runner, const Json *step);
int step_refused_session(Runner *runner, const Json *step);
int step_refused_connection(Runner *runner, const Json *step);
int step_invalid_uri(Runner *runner, const Json *step);
int step_own_server(Runner *runner, const Json *step);

#endif
