// Names what a toolchain links into the libraries of a target besides crates, with the notice that goes along.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";

export interface PlatformComponent {
  readonly name: string;
  readonly license: string;
  /** File in platform-notices/. */
  readonly noticeFile: string;
}

const rustStd = component("Rust standard library 1.95.0", "MIT OR Apache-2.0", "rust-std.txt");
const llvm = component(
  "LLVM libunwind and compiler-rt",
  "Apache-2.0 WITH LLVM-exception",
  "llvm-runtimes.txt",
);
const zig = component("Zig compiler runtime", "MIT", "zig.txt");
const musl = component("musl libc", "MIT", "musl.txt");
const mingw = component("mingw-w64 runtime", "ZPL-2.1", "mingw-w64.txt");

/** The Windows and musl rows hold for both library kinds: startup objects in the DLL, the whole libc in the musl archive. */
export function platformComponents(target: Target): readonly PlatformComponent[] {
  switch (target.family) {
    case "linux-gnu":
      return [rustStd, llvm, zig];
    case "linux-musl":
      return [rustStd, llvm, zig, musl];
    case "windows-gnullvm":
      return [rustStd, llvm, zig, mingw];
    case "android":
      return [rustStd, llvm];
    case "windows-msvc":
    case "macos":
    case "ios":
    case "web":
      return [rustStd];
  }
}

export async function readNotice(item: PlatformComponent): Promise<string> {
  return readFile(join(import.meta.dirname, "platform-notices", item.noticeFile), "utf8");
}

function component(name: string, license: string, noticeFile: string): PlatformComponent {
  return { name, license, noticeFile };
}
