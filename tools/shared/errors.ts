// The one error type of the tools: a stable code, a message that says what and where, and a remedy.

/** Exit codes of every entry; see ExitCode for what each means. */
export const exitCodes = {
  ok: 0,
  /** A finding, or a compile or link failure. */
  finding: 1,
  /** Wrong usage, or an input that cannot be read. */
  usage: 2,
  /** Something asked for is missing from the environment. */
  environment: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Families of failure; each maps to one exit code. */
export type ErrorFamily = "finding" | "usage" | "environment" | "interrupted";

export interface ToolErrorDetail {
  /** Stable machine-readable code, kebab case, e.g. "unknown-target". */
  readonly code: string;
  readonly family: ErrorFamily;
  /** What is wrong and where. */
  readonly message: string;
  /** What to do about it: one line, a command where there is one. */
  readonly remedy: string;
  readonly cause?: unknown;
}

export class ToolError extends Error {
  readonly code: string;
  readonly family: ErrorFamily;
  readonly remedy: string;

  constructor(detail: ToolErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = "ToolError";
    this.code = detail.code;
    this.family = detail.family;
    this.remedy = detail.remedy;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.family];
  }
}

/** Of several exit codes the one to leave with: 130, then 1, then 3, then 2, then 0. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [130, 1, 3, 2];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
