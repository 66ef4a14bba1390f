// One C function of the addon for each function of the ABI: takes its arguments, calls, returns the status.
import type { Argument, BoundFunction, NodeBinding } from "./node-binding.ts";
import { passedArguments } from "./node-binding.ts";

/** The C text of the function that JavaScript calls. */
export function addonCall(bound: BoundFunction, binding: NodeBinding): string {
  const passed = passedArguments(bound);
  const lines = [
    `static napi_value ${callName(bound)}(napi_env env, napi_callback_info info) {`,
    ...(passed.length === 0 ? ["    (void)info;"] : taken(bound, passed)),
    ...called(bound, binding),
    "}",
  ];
  return lines.join("\n");
}

/** Name of the C function behind a bound function. */
export function callName(bound: BoundFunction): string {
  return `call_${bound.model.name}`;
}

function taken(bound: BoundFunction, passed: readonly Argument[]): string[] {
  const declarations = passed.map((argument) => `    ${declaration(argument)}`);
  // Counts come before what they count, whatever the order in C.
  const order = [...passed.entries()].sort(([, left], [, right]) => rank(left) - rank(right));
  const checks = order.map(([index, argument]) => take(argument, index));
  return [
    "    Call call;",
    ...declarations,
    `    if (!begin(&call, env, info, "${bound.name}", ${passed.length})) {`,
    "        return NULL;",
    "    }",
    `    if (${checks.join(" ||\n        ")}) {`,
    "        return NULL;",
    "    }",
  ];
}

function rank(argument: Argument): number {
  return argument.kind === "items" || argument.kind === "bytes" ? 1 : 0;
}

function declaration(argument: Argument): string {
  const { name } = argument.param;
  switch (argument.kind) {
    case "integer":
      return `${argument.type} ${name} = 0;`;
    case "u64":
    case "handle":
      return `uint64_t ${name} = 0;`;
    case "items":
    case "bytes":
    case "size-out":
      return `void *${name} = NULL;`;
    case "wake":
      return `bool ${name} = false;`;
    case "error":
    case "wake-data":
      throw new Error(`${name} is not passed by JavaScript`);
  }
}

function take(argument: Argument, index: number): string {
  const { name } = argument.param;
  const place = `&call, ${index}, "${camel(name)}"`;
  switch (argument.kind) {
    case "integer":
      return `!take_${argument.type === "size_t" ? "size" : "u32"}(${place}, &${name})`;
    case "u64":
      return `!take_u64(${place}, &${name})`;
    case "handle":
      return `!take_handle(${place}, &${name})`;
    case "items":
      return `!take_items(${place}, ${argument.count ?? 1}, sizeof(${argument.item}), &${name})`;
    case "size-out":
      return `!take_items(${place}, 1, sizeof(uint64_t), &${name})`;
    case "bytes":
      return `!take_bytes(${place}, ${argument.count}, &${name})`;
    case "wake":
      return `!take_boolean(${place}, &${name})`;
    case "error":
    case "wake-data":
      throw new Error(`${name} is not passed by JavaScript`);
  }
}

function camel(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function called(bound: BoundFunction, binding: NodeBinding): string[] {
  const { name } = bound.model;
  if (name === binding.wake.create) return createCalled(bound);
  if (name === binding.wake.setWake) return setWakeCalled(bound);
  if (name === binding.wake.close) return closeCalled(bound);
  const sizes = bound.arguments
    .filter((argument) => argument.kind === "size-out")
    .map(({ param }) => param.name);
  const call = `${name}(${bound.arguments.map(expression).join(", ")})`;
  if (bound.returns === "text") return [`    return text_or_null(env, ${call});`];
  if (sizes.length === 0) return [`    return from_u32(env, ${call});`];
  return [
    // A null place stays null, so that the library can say which parameter it was.
    ...sizes.map((size) => `    size_t ${size}_value = ${size} == NULL ? 0 : (size_t)*(uint64_t *)${size};`),
    `    uint32_t status = ${call};`,
    ...sizes.flatMap((size) => [
      `    if (${size} != NULL) {`,
      `        *(uint64_t *)${size} = (uint64_t)${size}_value;`,
      "    }",
    ]),
    "    return from_u32(env, status);",
  ];
}

function expression(argument: Argument): string {
  const { name } = argument.param;
  switch (argument.kind) {
    case "size-out":
      return `${name} == NULL ? NULL : &${name}_value`;
    case "error":
      return "error_slot(call.environment)";
    default:
      return name;
  }
}

/** The queue is remembered, so that the end of the environment can close it. */
function createCalled(bound: BoundFunction): string[] {
  const argument = bound.arguments.find(({ kind }) => kind === "items");
  const out = argument?.param.name ?? "out";
  return [
    "    WakeSource *source = free_wake_source(call.environment);",
    "    if (source == NULL) {",
    '        return fail(env, "ERR_NNRP_MEMORY", "no memory for another queue");',
    "    }",
    `    uint32_t status = ${bound.model.name}(${bound.arguments.map(expression).join(", ")});`,
    `    if (status == 0 && ${out} != NULL) {`,
    `        source->queue = *(uint64_t *)${out};`,
    "    }",
    "    return from_u32(env, status);",
  ];
}

function setWakeCalled(bound: BoundFunction): string[] {
  const queue = handleName(bound);
  const wanted = bound.arguments.find(({ kind }) => kind === "wake")?.param.name ?? "callback";
  return [
    `    WakeSource *source = wake_source_of(call.environment, ${queue});`,
    "    if (source == NULL) {",
    '        return fail(env, "ERR_NNRP_FOREIGN_QUEUE", "the queue was not created by this environment");',
    "    }",
    `    return from_u32(env, ${bound.model.name}(${queue}, ${wanted} ? on_wake : NULL, source, error_slot(call.environment)));`,
  ];
}

function closeCalled(bound: BoundFunction): string[] {
  const queue = handleName(bound);
  return [
    `    uint32_t status = ${bound.model.name}(${queue}, error_slot(call.environment));`,
    `    WakeSource *source = wake_source_of(call.environment, ${queue});`,
    "    if (status == 0 && source != NULL) {",
    "        source->queue = 0;",
    "    }",
    "    return from_u32(env, status);",
  ];
}

function handleName(bound: BoundFunction): string {
  return bound.arguments.find(({ kind }) => kind === "handle")?.param.name ?? "handle";
}
