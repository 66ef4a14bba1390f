// zig's C runtime for Windows, compiled ahead of the links that need it, in half of the time that it takes inside them.
import type { Target } from "../matrix/target.ts";
import { generatedFolder, type GeneratedFolder } from "./generated-folder.ts";
import type { HostFacts } from "./toolchain.ts";
import {
  releaseRuntime,
  sharedRuntime,
  zigCache,
  zigEnvironment,
  zigProgram,
  zigTargetArguments,
} from "./zig.ts";

/**
 * A library and a program, because each has a start file of its own; in zig's cache, beside what it fills. For ARM there is
 * none: one file of its runtime gets declarations from the headers that are left out here, and intrinsics are no burden.
 */
export function windowsRuntime(target: Target, facts: HostFacts): readonly GeneratedFolder[] {
  if (target.cpu === "aarch64") return [];
  const link = (...args: readonly string[]) => ({
    program: zigProgram(facts.zig),
    args: ["cc", ...zigTargetArguments(target), ...releaseRuntime, ...sharedRuntime, "-g0", ...args],
  });
  const recipe = {
    files: [{ path: "empty.c", content: "int main(void) { return 0; }\n" }],
    commands: [link("-shared", "empty.c", "-o", "empty.dll"), link("empty.c", "-o", "empty.exe")],
    environment: { ...zigEnvironment(facts), CCC_OVERRIDE_OPTIONS: leanHeaders },
  };
  const name = `windows-runtime-${target.cpu}`;
  return [generatedFolder(`Windows runtime, ${target.cpu}`, zigCache(facts), name, recipe)];
}

/**
 * A quarter of the runtime's 500 files include windows.h, 5 to 8 MB of text each time: three of them are intrinsics of
 * processors that the target does not ask for, which clang's headers leave out for __SCE__, and three are OLE. Clang reads
 * this variable; zig does not, so that its cache gives the result to every later link. `#` keeps clang from printing it.
 * The code is the same; the tables of GUIDs lack ten, of print dialogs and storage devices.
 */
const leanHeaders = "#+-D__SCE__ +-DWIN32_LEAN_AND_MEAN=";
