// How a C program of the target is compiled: handed in by whoever knows the toolchains.
import type { Command } from "../shared/process.ts";

/** A driver that takes cc-style arguments (-I, -L, -l, -o) after `args`. */
export interface CCompiler {
  readonly program: string;
  /** Fixed first arguments, e.g. ["cc", "-target", "aarch64-linux-gnu.2.17"]. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For messages, e.g. "zig 0.15.2". */
  readonly name: string;
  /** Set where the driver takes "-lx" for what an MSVC archive calls "x.lib". */
  readonly hasUnixNames?: true;
  /** Set where its programs run on the oldest system that the target claims. */
  readonly reachesFloor?: true;
  /** Compiled into each program. */
  readonly runtimeSources?: readonly string[];
  /**
   * Folder with a static C library and its start files for whole programs. Absent: the driver brings its own, which zig
   * compiles first, for a minute of processor time.
   */
  readonly staticLibc?: string;
}

export function compilerCommand(compiler: CCompiler, args: readonly string[]): Command {
  const { program, args: fixed, env } = compiler;
  return {
    program,
    args: [...fixed, ...args],
    timeoutMs: compileLimitMs,
    ...(env === undefined ? {} : { env }),
  };
}

/** The first use of zig for a target compiles its C library: about a minute on a busy machine. */
const compileLimitMs = 600_000;
