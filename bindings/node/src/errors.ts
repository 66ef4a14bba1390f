// Errors by family: what went wrong, where in the protocol, and what to do, as the library diagnosed it.

/** The diagnosis behind an error. */
export interface NnrpErrorDetail {
  /** Name of the status, e.g. "NNRP_STATUS_CONNECT_FAILED". */
  readonly code: string;
  readonly status: number;
  /** Error code of the wire, 0 = none. */
  readonly protocolCode: number;
  /** Its meaning depends on the status, see the C headers. */
  readonly detail: number;
  /** Handles, for logs; 0 = none. */
  readonly connection: number;
  readonly session: number;
  readonly operationId: bigint;
  /** Id of the session on the wire, 0 = none. */
  readonly sessionId: number;
  readonly frameId: number;
}

/** Base of all errors of this package. The message says what is wrong, where, and what to do. */
export class NnrpError extends Error implements NnrpErrorDetail {
  readonly code: string;
  readonly status: number;
  readonly protocolCode: number;
  readonly detail: number;
  readonly connection: number;
  readonly session: number;
  readonly operationId: bigint;
  readonly sessionId: number;
  readonly frameId: number;

  constructor(message: string, detail: Partial<NnrpErrorDetail> & Pick<NnrpErrorDetail, "code">) {
    super(message);
    this.name = new.target.name;
    this.code = detail.code;
    this.status = detail.status ?? 0;
    this.protocolCode = detail.protocolCode ?? 0;
    this.detail = detail.detail ?? 0;
    this.connection = detail.connection ?? 0;
    this.session = detail.session ?? 0;
    this.operationId = detail.operationId ?? 0n;
    this.sessionId = detail.sessionId ?? 0;
    this.frameId = detail.frameId ?? 0;
  }
}

/** The caller has to act: a value, a handle, a state. */
export class NnrpUsageError extends NnrpError {}

/** The network or the peer's presence failed. */
export class NnrpNetworkError extends NnrpError {}

/** The peer broke the protocol, refused, or ended what was asked for. */
export class NnrpProtocolError extends NnrpError {}

/** The server answered a submit with RESULT_DROP: no result will come. */
export class NnrpDropError extends NnrpProtocolError {}

/** A defect or a lack of resources of the library itself. */
export class NnrpInternalError extends NnrpError {}

/** The native library cannot be loaded, or does not fit this package. */
export class NnrpLoadError extends NnrpError {}
