// The public surface of the package.
export { connect, type Connection } from "./connection.ts";
export * from "./errors.ts";
export type { FlowUpdate, FlowUpdateRequest } from "./flow.ts";
export { nativeLibrary, type NativeLibraryFacts } from "./facts.ts";
export { listen, type Listener } from "./listener.ts";
export { NnrpOption, NnrpSessionError, NnrpStatus } from "./native/constants.g.ts";
export type { Operation } from "./operation.ts";
export type { EndpointOptions, LibraryOptions, WaitOptions } from "./options.ts";
export type { Request, RespondOptions } from "./request.ts";
export type { Result, ResultClass } from "./result.ts";
export type { ServerSession } from "./server-session.ts";
export type { Session, SessionOptions, SubmitOptions } from "./session.ts";
