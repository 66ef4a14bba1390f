// Emits the Node-API addon: one C file over flat calls and packed memory, and the lists of the two symbols it exports.
import { dirname, join } from "node:path/posix";
import type { AbiModel } from "../header/model.ts";
import type { Emitter, GeneratedFile, GenerationProject } from "./emitter.ts";
import { generatedMark } from "./marked.ts";
import { addonCall, callName } from "./node-addon-call.ts";
import { addonFrame } from "./node-addon-frame.ts";
import { addonRegistration } from "./node-addon-registration.ts";
import { nodeBinding, type NodeBinding } from "./node-binding.ts";

export const nodeAddonEmitter: Emitter = { name: "node-addon", language: "node", emit };

const exported = ["napi_register_module_v1", "node_api_module_get_api_version_v1"] as const;

function emit(model: AbiModel, project: GenerationProject): readonly GeneratedFile[] {
  const binding = nodeBinding(model, project);
  const directory = dirname(project.generated.nodeAddon);
  return [
    { path: project.generated.nodeAddon, text: addon(model, project, binding) },
    { path: join(directory, "addon.map"), text: versionScript() },
    { path: join(directory, "addon.exports"), text: exported.map((name) => `_${name}\n`).join("") },
    {
      path: join(directory, "addon.def"),
      text: `EXPORTS\n${exported.map((name) => `    ${name}\n`).join("")}`,
    },
  ];
}

function addon(model: AbiModel, project: GenerationProject, binding: NodeBinding): string {
  return [
    head(project),
    includes(project),
    identity(model),
    addonFrame,
    "/* ---- One function for each function of the library -------------------------------------------------------------------- */\n",
    binding.functions.map((bound) => addonCall(bound, binding)).join("\n\n"),
    registration(binding),
  ].join("\n");
}

function head(project: GenerationProject): string {
  const library = project.crate.library;
  const macro = project.headers.staticDefine;
  return `/* addon.g.c: the Node-API addon of ${project.name}; ${generatedMark}.
 *
 * What it becomes. One self-contained file, ${library}.node: this C file compiled with -D${macro} and linked against the static library
 * lib${library}.a of the same target, so that a platform package is one file with no second library to find. It exports only
 * ${exported.join(" and ")} (-fvisibility=hidden plus addon.map, addon.exports or addon.def). Any C11 compiler
 * and the headers of the npm package node-api-headers build it, for Node 20 and later, Bun and Deno:
 *
 *   cc -std=c11 -O2 -fPIC -fvisibility=hidden -D${macro} -I include -I node_modules/node-api-headers/include -shared \\
 *      addon.g.c lib${library}.a -Wl,--version-script=addon.map -Wl,-z,nodelete -Wl,--gc-sections -lpthread -ldl -lm -o ${library}.node
 *
 * How it is called. JavaScript writes structs into \`memory\`, one ArrayBuffer pinned for the life of the environment, and passes offsets
 * into it; the first bytes are the slot of the error struct. Byte arrays may also be a Uint8Array, borrowed for the call. Handles are
 * numbers below 2^53. A size that C writes as size_t stands in memory as 64 bits. Every offset, count and number is checked here: what
 * does not fit throws, nothing outside a buffer is read or written. Each function returns the status of the library.
 *
 * Threads. Nothing here waits and nothing uses the pool of libuv. A queue that gets events wakes its environment through one threadsafe
 * function, coalesced; JavaScript then drains it in batches. All state belongs to one environment (main thread or worker); its cleanup
 * hook closes its queues before the environment ends. The image stays mapped until the process ends.
 */`;
}

function includes(project: GenerationProject): string {
  return `#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif
#define NAPI_VERSION 8

#include <node_api.h>

#include <${project.headers.files[0] ?? ""}>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif
`;
}

function identity(model: AbiModel): string {
  const { major, minor, patch } = model.version ?? { major: 0, minor: 0, patch: 0 };
  const sizes = model.records.map(
    ({ spelling, layout }) =>
      `_Static_assert(sizeof(${spelling}) == ${layout.p8a8.size}, "the headers are not those of the model");`,
  );
  return `/* The model that this file was generated from; JavaScript compares it with its own and with the library's. */
static const char model_hash[] = "${model.hash}";
static const uint32_t model_version = ${(major << 16) | (minor << 8) | patch}; /* ${major}.${minor}.${patch} */

${sizes.join("\n")}`;
}

function registration(binding: NodeBinding): string {
  const fixed = ['    {"listen", set_listener},', '    {"keepAlive", keep_alive},'];
  const calls = binding.functions.map((bound) => `    {"${bound.name}", ${callName(bound)}},`);
  return addonRegistration
    .replace("CLOSE(", `${binding.wake.close}(`)
    .replace("FUNCTIONS", [...fixed, ...calls].join("\n"));
}

function versionScript(): string {
  return `{\n  global:\n${exported.map((name) => `    ${name};\n`).join("")}  local:\n    *;\n};\n`;
}
