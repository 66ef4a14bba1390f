// What the Node binding makes of an ABI model: which functions it exposes, under which names, with which arguments.
import type { AbiModel, CType, FunctionModel, IntegerName, ParamModel } from "../header/model.ts";
import { ToolError } from "../shared/errors.ts";
import type { GenerationProject } from "./emitter.ts";

/** How one C parameter crosses from JavaScript. */
export type Argument =
  /** A number, range-checked. */
  | { readonly kind: "integer"; readonly param: ParamModel; readonly type: "uint32_t" | "size_t" }
  /** A number or, above 2^53, a bigint. */
  | { readonly kind: "u64"; readonly param: ParamModel }
  /** A handle: a number below 2^53. */
  | { readonly kind: "handle"; readonly param: ParamModel }
  /** `count` items at an offset of the pinned memory; `count` names a parameter, or is null for exactly one. */
  | {
      readonly kind: "items";
      readonly param: ParamModel;
      readonly item: string;
      readonly count: string | null;
    }
  /** One size_t, seen by JavaScript as a 64-bit integer in the pinned memory. */
  | { readonly kind: "size-out"; readonly param: ParamModel }
  /** Bytes at an offset of the pinned memory, or of a Uint8Array. */
  | { readonly kind: "bytes"; readonly param: ParamModel; readonly item: string; readonly count: string }
  /** The diagnosis; always in the error slot of the pinned memory, no argument. */
  | { readonly kind: "error"; readonly param: ParamModel }
  /** The wake: a boolean that says whether the queue wakes this environment. */
  | { readonly kind: "wake"; readonly param: ParamModel }
  /** What the wake gets back; no argument. */
  | { readonly kind: "wake-data"; readonly param: ParamModel };

export interface BoundFunction {
  readonly model: FunctionModel;
  /** nnrp_session_submit → sessionSubmit. */
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly returns: "status" | "u32" | "text";
}

/** The calls around the object whose events wake the environment, e.g. nnrp_queue_create, _set_wake and _close. */
export interface WakeCalls {
  readonly create: string;
  readonly setWake: string;
  readonly close: string;
}

export interface NodeBinding {
  readonly functions: readonly BoundFunction[];
  readonly wake: WakeCalls;
  readonly errorRecord: string;
}

/** Derives the binding; throws ToolError for a function it cannot carry. */
export function nodeBinding(model: AbiModel, project: GenerationProject): NodeBinding {
  const errorRecord = model.names.error;
  if (errorRecord === undefined || model.names.status === undefined || model.names.handle === undefined) {
    throw unsupported(
      `${model.name}: the Node binding needs the names of the status, handle and error types`,
      "name them in the overlay",
    );
  }
  const functions = model.functions
    .filter((candidate) => isExposed(candidate))
    .map((candidate) => bind(model, project, candidate));
  return { functions, wake: wakeCalls(model, project), errorRecord };
}

/** snake_case → camelCase. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** The arguments that JavaScript passes, in order. */
export function passedArguments(bound: BoundFunction): readonly Argument[] {
  return bound.arguments.filter(({ kind }) => kind !== "error" && kind !== "wake-data");
}

/** Follows typedefs to the type itself. */
export function resolved(model: AbiModel, type: CType): CType {
  if (type.kind !== "typedef") return type;
  const typedef = model.typedefs.find(({ name }) => name === type.name);
  return typedef === undefined ? type : resolved(model, typedef.type);
}

/**
 * Not exposed: a call that blocks until something else happens (it blocks and takes a time limit), because it would stop the event
 * loop; and a call that lends memory of the library, because JavaScript could look at it after its end.
 */
function isExposed(candidate: FunctionModel): boolean {
  const waits = candidate.blocks && candidate.params.some(({ name }) => name.startsWith("timeout"));
  const lends = candidate.params.some(({ role }) => role.kind === "borrow");
  return !waits && !lends;
}

function bind(model: AbiModel, project: GenerationProject, candidate: FunctionModel): BoundFunction {
  if (candidate.variadic) throw unsupportedFunction(candidate, "is variadic");
  return {
    model: candidate,
    name: camelCase(candidate.name.slice(project.headers.functionPrefix.length)),
    arguments: candidate.params.map((param) => argument(model, candidate, param)),
    returns: returned(model, candidate),
  };
}

function argument(model: AbiModel, candidate: FunctionModel, param: ParamModel): Argument {
  const { role } = param;
  switch (role.kind) {
    case "handle":
      return { kind: "handle", param };
    case "value":
    case "count":
      return scalar(model, candidate, param);
    case "in":
      return { kind: "items", param, item: pointee(model, candidate, param), count: null };
    case "out":
      return integerName(model, pointeeType(candidate, param)) === "size_t"
        ? { kind: "size-out", param }
        : { kind: "items", param, item: pointee(model, candidate, param), count: null };
    case "array":
      return arrayArgument(model, candidate, param, role.count);
    case "text":
      return { kind: "bytes", param, item: pointee(model, candidate, param), count: role.size };
    case "error":
    case "callback":
      return { kind: role.kind === "error" ? "error" : "wake", param };
    case "userData":
      return { kind: "wake-data", param };
    case "borrow":
    case "other":
      throw unsupportedFunction(candidate, `has a parameter "${param.name}" that no rule covers`);
  }
}

function arrayArgument(
  model: AbiModel,
  candidate: FunctionModel,
  param: ParamModel,
  count: string,
): Argument {
  const item = pointee(model, candidate, param);
  return item === "uint8_t" ? { kind: "bytes", param, item, count } : { kind: "items", param, item, count };
}

function scalar(model: AbiModel, candidate: FunctionModel, param: ParamModel): Argument {
  const type = integerName(model, param.type);
  if (type === "uint64_t") return { kind: "u64", param };
  if (type === "uint32_t" || type === "size_t") return { kind: "integer", param, type };
  throw unsupportedFunction(
    candidate,
    `passes "${param.name}" as a type other than uint32_t, uint64_t and size_t`,
  );
}

function returned(model: AbiModel, candidate: FunctionModel): BoundFunction["returns"] {
  const { returns } = candidate;
  if (returns.kind === "typedef" && returns.name === model.names.status) return "status";
  if (integerName(model, returns) === "uint32_t") return "u32";
  if (returns.kind === "pointer" && integerName(model, returns.to) === "char") return "text";
  throw unsupportedFunction(candidate, "returns neither a status, a uint32_t nor a text");
}

function integerName(model: AbiModel, type: CType): IntegerName | undefined {
  const actual = resolved(model, type);
  return actual.kind === "integer" ? actual.name : undefined;
}

function pointeeType(candidate: FunctionModel, param: ParamModel): CType {
  if (param.type.kind === "pointer") return param.type.to;
  throw unsupportedFunction(candidate, `has a parameter "${param.name}" that should be a pointer`);
}

/** How C spells what a pointer parameter points to. */
function pointee(model: AbiModel, candidate: FunctionModel, param: ParamModel): string {
  const type = pointeeType(candidate, param);
  if (type.kind === "integer" || type.kind === "typedef") return type.name;
  const record = type.kind === "record" ? model.records.find(({ name }) => name === type.name) : undefined;
  if (record !== undefined) return record.spelling;
  throw unsupportedFunction(
    candidate,
    `has a parameter "${param.name}" that points to neither a struct nor an integer`,
  );
}

function wakeCalls(model: AbiModel, project: GenerationProject): WakeCalls {
  const setters = model.functions.filter(({ params }) => params.some(({ role }) => role.kind === "callback"));
  const [setter] = setters;
  const owner = setter?.params.find(({ role }) => role.kind === "handle")?.name;
  if (setters.length !== 1 || setter === undefined || owner === undefined) {
    throw unsupported(
      `${model.name}: the Node binding needs exactly one function that takes a callback, on a handle; found ${setters.length}`,
      "add an emitter rule for the other ones",
    );
  }
  const prefix = `${project.headers.functionPrefix}${owner}_`;
  const calls = { create: `${prefix}create`, setWake: setter.name, close: `${prefix}close` };
  for (const name of [calls.create, calls.close]) {
    if (!model.functions.some((candidate) => candidate.name === name)) {
      throw unsupported(`${setter.name} needs ${name} beside it`, "declare it in the header");
    }
  }
  return calls;
}

function unsupportedFunction(candidate: FunctionModel, what: string): ToolError {
  const { file, line } = candidate.source;
  return unsupported(
    `${file}:${line}: ${candidate.name} ${what}; the Node binding cannot carry it`,
    "change the declaration, give the parameter a role in the overlay, or add an emitter rule",
  );
}

function unsupported(message: string, remedy: string): ToolError {
  return new ToolError({ code: "node-binding-unsupported", family: "finding", message, remedy });
}
