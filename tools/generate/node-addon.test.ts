// The Node emitters against our own headers and against headers they must refuse.
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { project } from "../../nnrp.project.ts";
import type { AbiModel } from "../header/model.ts";
import { readHeader } from "../header/read-header.ts";
import { ToolError } from "../shared/errors.ts";
import { nodeAddonEmitter } from "./node-addon.ts";
import { camelCase, nodeBinding } from "./node-binding.ts";
import { nodeModuleEmitter } from "./node-module.ts";

const scratch = mkdtempSync(join(tmpdir(), "nnrp-node-emitter-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const include = join(project.root, project.headers.includeDirectory);
const own = readHeader({
  name: project.name,
  headers: project.headers.files.map((file) => join(include, file)),
  includeDirectories: [include],
  overlay: join(project.root, project.headers.overlay),
  functionPrefix: project.headers.functionPrefix,
});

/** A header in the style of ours: the least a binding needs, and what the test adds. */
function modelOf(declarations: string, name: string): AbiModel {
  const header = join(scratch, `${name}.h`);
  const overlay = join(scratch, `${name}.json`);
  writeFileSync(
    header,
    `#include <stddef.h>
#include <stdint.h>
#define NNRP_STATUS_OK UINT32_C(0)
#define NNRP_FAMILY_NONE UINT32_C(0)
typedef uint32_t NnrpStatus;
typedef uint64_t NnrpHandle;
typedef struct NnrpError { uint32_t status; uint32_t family; } NnrpError;
typedef void (*NnrpWake)(void *user_data);
NnrpStatus nnrp_queue_create(NnrpHandle *out_queue, NnrpError *error);
NnrpStatus nnrp_queue_set_wake(NnrpHandle queue, NnrpWake callback, void *user_data, NnrpError *error);
NnrpStatus nnrp_queue_close(NnrpHandle queue, NnrpError *error);
${declarations}
`,
  );
  const names = { status: "NnrpStatus", handle: "NnrpHandle", error: "NnrpError" };
  writeFileSync(overlay, JSON.stringify({ names, groups: ["NNRP_STATUS_", "NNRP_FAMILY_"] }));
  return readHeader({ name, headers: [header], includeDirectories: [scratch], overlay });
}

function addonText(model: AbiModel): string {
  const file = nodeAddonEmitter.emit(model, project).find(({ path }) => path.endsWith(".c"));
  return file?.text ?? "";
}

function refusal(action: () => unknown): ToolError {
  try {
    action();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the addon", () => {
  test("offers every function of the ABI but the one that waits and the one that lends memory", () => {
    const offered = nodeBinding(own, project).functions.map(({ model }) => model.name);
    const left = own.functions.map(({ name }) => name).filter((name) => !offered.includes(name));
    expect(left).toEqual(["nnrp_queue_wait", "nnrp_buffer_borrow"]);
    for (const name of offered) expect(addonText(own)).toContain(`call_${name}(napi_env env`);
  });

  test.for(["gcc", "clang"])("compiles without a warning with %s", (compiler, context) => {
    if (!isThere(compiler)) context.skip(`no ${compiler}: apt-get install ${compiler}`);
    const source = join(scratch, "addon.g.c");
    writeFileSync(source, addonText(own));
    const headers = [include, join(project.root, "node_modules/node-api-headers/include")];
    const words = [
      "-std=c11",
      "-Wall",
      "-Wextra",
      "-Wconversion",
      "-Wno-sign-conversion",
      "-Werror",
      "-pedantic",
      "-fsyntax-only",
    ];
    execFileSync(compiler, [...words, ...headers.flatMap((folder) => ["-I", folder]), source], {
      stdio: "inherit",
    });
  });

  test("checks the bounds of every pointer before the call, with counts taken first", () => {
    const text = addonText(own);
    const submit = text.slice(
      text.indexOf("call_nnrp_session_submit"),
      text.indexOf("call_nnrp_session_cancel"),
    );
    expect(submit.indexOf('"count", &count')).toBeLessThan(submit.indexOf("count, sizeof(NnrpSubmit)"));
    expect(submit.indexOf('"arenaSize", &arena_size')).toBeLessThan(submit.indexOf("arena_size, &arena"));
    expect(submit.indexOf("take_bytes")).toBeLessThan(submit.indexOf("nnrp_session_submit(session"));
  });

  test("closes its queues when the environment ends", () => {
    expect(addonText(own)).toContain("nnrp_queue_close(source->queue, NULL)");
  });

  test("comes with the export lists of the three formats", () => {
    const files = new Map(
      nodeAddonEmitter.emit(own, project).map(({ path, text }) => [path.split("/").at(-1), text]),
    );
    expect(files.get("addon.map")).toMatch(/global:\s+napi_register_module_v1;[^*]+local:\s+\*;/);
    expect(files.get("addon.exports")).toBe(
      "_napi_register_module_v1\n_node_api_module_get_api_version_v1\n",
    );
    expect(files.get("addon.def")).toContain("EXPORTS");
  });

  test("is the same for the same model", () => {
    expect(nodeAddonEmitter.emit(own, project)).toEqual(nodeAddonEmitter.emit(own, project));
    expect(nodeModuleEmitter.emit(own, project)).toEqual(nodeModuleEmitter.emit(own, project));
  });
});

describe("what no rule covers is refused with file and line", () => {
  test.each([
    ["a double", "NnrpStatus nnrp_scale(double factor);", /nnrp_scale .*"factor"/],
    [
      "a pointer without a role",
      "NnrpStatus nnrp_peek(const uint32_t *numbers);",
      /nnrp_peek has a parameter "numbers"/,
    ],
    ["a variadic function", "NnrpStatus nnrp_print(const char *format, ...);", /nnrp_print is variadic/],
    ["another result", "int64_t nnrp_now(void);", /nnrp_now returns neither/],
  ])("%s", (name, declaration, message) => {
    const error = refusal(() =>
      nodeAddonEmitter.emit(modelOf(declaration, name.replaceAll(" ", "-")), project),
    );
    expect(error.message).toMatch(/\.h:\d+: /);
    expect(error.message).toMatch(message);
    expect(error.code).toBe("node-binding-unsupported");
  });

  test("a second callback", () => {
    const declaration =
      "NnrpStatus nnrp_queue_on_close(NnrpHandle queue, NnrpWake callback, void *user_data);";
    expect(refusal(() => nodeAddonEmitter.emit(modelOf(declaration, "second"), project)).message).toContain(
      "found 2",
    );
  });

  test("a struct whose layout differs over the targets", () => {
    const declaration = "typedef struct NnrpSpan { size_t bytes; } NnrpSpan;";
    expect(refusal(() => nodeModuleEmitter.emit(modelOf(declaration, "span"), project)).message).toContain(
      "more than one layout",
    );
  });

  test("a status outside the families", () => {
    const declaration = "#define NNRP_STATUS_ODD UINT32_C(200)";
    expect(refusal(() => nodeModuleEmitter.emit(modelOf(declaration, "odd"), project)).message).toContain(
      "NNRP_STATUS_ODD is in no family",
    );
  });
});

test("the module type-checks as strictly as everything else", () => {
  const folder = join(scratch, "module");
  for (const { path, text } of nodeModuleEmitter.emit(own, project)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const options = [
    "--strict",
    "--noUncheckedIndexedAccess",
    "--exactOptionalPropertyTypes",
    "--noUnusedLocals",
    "--noEmit",
  ];
  const module = [
    "--target",
    "ES2022",
    "--module",
    "NodeNext",
    "--allowImportingTsExtensions",
    "--types",
    "node",
  ];
  const types = ["--typeRoots", join(project.root, "node_modules/@types")];
  const compiler = join(project.root, "node_modules/typescript/bin/tsc");
  const files = nodeModuleEmitter.emit(own, project).map(({ path }) => join(folder, path));
  execFileSync(process.execPath, [compiler, ...options, ...module, ...types, ...files], {
    stdio: "inherit",
    cwd: folder,
  });
});

test("snake case becomes camel case", () => {
  expect(camelCase("queue_set_wake")).toBe("queueSetWake");
  expect(camelCase("options_set_u64")).toBe("optionsSetU64");
  expect(camelCase("reserved0")).toBe("reserved0");
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
