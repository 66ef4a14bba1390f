// The linker that every Rust toolchain carries; it links ELF and Mach-O from any host.
import { join } from "node:path";
import type { ToolLauncher } from "./launcher.ts";
import type { RustFacts } from "./toolchain.ts";

export function rustLld(rust: RustFacts): string {
  const program = rust.host.includes("windows") ? "rust-lld.exe" : "rust-lld";
  return join(rust.sysroot, "lib", "rustlib", rust.host, "bin", program);
}

/** For people and manifests: the linker has no version of its own but its toolchain's. */
export function lldName(rust: RustFacts): string {
  return `rust-lld of ${rust.version.split(" ").slice(0, 2).join(" ")}`;
}

export function lldLauncher(
  rust: RustFacts,
  { before = [], after = [] }: { readonly before?: readonly string[]; readonly after?: readonly string[] },
): ToolLauncher {
  return { name: "lld", program: rustLld(rust), before, after, rules: "lld" };
}
