// Turns the error struct of the library into the error class of its family.
import {
  NnrpError,
  NnrpInternalError,
  NnrpNetworkError,
  NnrpProtocolError,
  NnrpUsageError,
  type NnrpErrorDetail,
} from "./errors.ts";
import type { Library } from "./library.ts";
import { NnrpFamily } from "./native/constants.g.ts";
import { layout } from "./native/layout.g.ts";
import { putU32, putU64 } from "./native/memory.g.ts";
import { statusFamilies, statusNames } from "./native/status.g.ts";
import { NnrpErrorView } from "./native/views.g.ts";

const classes: Readonly<Record<number, new (message: string, detail: NnrpErrorDetail) => NnrpError>> = {
  [NnrpFamily.USAGE]: NnrpUsageError,
  [NnrpFamily.NETWORK]: NnrpNetworkError,
  [NnrpFamily.PROTOCOL]: NnrpProtocolError,
  [NnrpFamily.INTERNAL]: NnrpInternalError,
};

/** What is known about a failure that came as a bare status or as an event. */
export interface Failure {
  readonly status: number;
  readonly protocolCode?: number;
  readonly detail?: number;
  readonly connection?: number;
  readonly session?: number;
  readonly operationId?: bigint;
  readonly sessionId?: number;
  readonly frameId?: number;
}

/** The error of the call that just failed and filled the error slot. */
export function lastError(library: Library): NnrpError {
  const view = new NnrpErrorView(library.memory).at(library.plan.error);
  const name = statusNames[view.status] ?? `NNRP_STATUS_${view.status}`;
  const ErrorClass = classes[view.family] ?? NnrpError;
  return new ErrorClass(messageOf(library, name), {
    code: name,
    status: view.status,
    protocolCode: view.protocolCode,
    detail: view.detail,
    connection: view.connection,
    session: view.session,
    operationId: view.operationId,
    sessionId: view.sessionId,
    frameId: view.frameId,
  });
}

/** The error of a failure that did not come with an error struct. */
export function errorOf(library: Library, failure: Failure): NnrpError {
  const { memory, plan } = library;
  const { size, offsets } = layout.NnrpError;
  memory.u8.fill(0, plan.error, plan.error + size);
  putU32(memory, plan.error + offsets.status, "status", failure.status);
  putU32(memory, plan.error + offsets.family, "family", statusFamilies[failure.status] ?? 0);
  putU32(memory, plan.error + offsets.protocolCode, "protocolCode", failure.protocolCode ?? 0);
  putU32(memory, plan.error + offsets.detail, "detail", failure.detail ?? 0);
  putU64(memory, plan.error + offsets.connection, "connection", failure.connection ?? 0);
  putU64(memory, plan.error + offsets.session, "session", failure.session ?? 0);
  putU64(memory, plan.error + offsets.operationId, "operationId", failure.operationId ?? 0n);
  putU32(memory, plan.error + offsets.sessionId, "sessionId", failure.sessionId ?? 0);
  putU32(memory, plan.error + offsets.frameId, "frameId", failure.frameId ?? 0);
  return lastError(library);
}

function messageOf(library: Library, fallback: string): string {
  const { addon, memory, plan } = library;
  const status = addon.errorMessage(plan.error, plan.text, plan.textSize, plan.out);
  const size = Math.min(library.outNumber(), plan.textSize);
  return status === 0
    ? Buffer.from(memory.u8.buffer as ArrayBuffer, plan.text, size).toString("utf8")
    : fallback;
}
