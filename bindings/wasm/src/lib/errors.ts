// The errors of this package: one class for each answer to "whose mistake was it", a stable code, and what to do.

/** What the words of an error name: numbers, names; 64-bit numbers as decimal text. */
export type ErrorDetail = Readonly<Record<string, string | number>>;

/** Every error that this package throws, but for the strings of the two probe functions. */
export class NnrpError extends Error {
  /** Stable name of the kind, e.g. "WouldBlock", "ReservedBitsSet". */
  readonly code: string;
  /** The stable number of the kind, where it has one. */
  readonly number: number | undefined;
  readonly detail: ErrorDetail;

  constructor(code: string, message: string, detail: ErrorDetail = {}, number?: number) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
    this.number = number;
  }
}

/** The caller's mistake: a module that is not ready, a client that was freed, a value that no field can hold. */
export class NnrpUsageError extends NnrpError {}

/** A command that the connection does not carry out; it goes on as if the command had not been given. */
export class NnrpCommandError extends NnrpError {}

/** Bytes that are no valid packet, or values that cannot be one. */
export class NnrpCodecError extends NnrpError {}

/** The peer's mistake, or its silence: the connection is over. */
export class NnrpProtocolError extends NnrpError {}

/** A failure as the module words it. */
interface Failure {
  readonly family: keyof typeof classes;
  readonly name: string;
  readonly message: string;
  readonly code?: number;
  readonly detail?: ErrorDetail;
}

const classes = {
  usage: NnrpUsageError,
  command: NnrpCommandError,
  codec: NnrpCodecError,
  protocol: NnrpProtocolError,
} as const;

/** The error that the module has put into words, as JSON. */
export function errorFromJson(json: string): NnrpError {
  return errorOf(JSON.parse(json) as Failure);
}

/** The same of a failure that stands in a larger JSON text. */
export function errorOf({ family, name, message, code, detail }: Failure): NnrpError {
  return new classes[family](name, message, detail, code);
}
