// How a C program of the target is compiled: handed in by whoever knows the toolchains.

/** A driver that takes cc-style arguments (-I, -L, -l, -o) after `args`. */
export interface CCompiler {
  readonly program: string;
  /** Fixed first arguments, e.g. ["cc", "-target", "aarch64-linux-gnu.2.17"]. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For messages, e.g. "zig 0.15.2". */
  readonly name: string;
}
