// Machines for the tests of the plans: what detection would have found on each.
import type { HostFacts, RustFacts, ZigFacts } from "./toolchain.ts";

export const pinnedRust: RustFacts = {
  version: "rustc 1.95.0 (59807616e 2026-04-14)",
  host: "x86_64-unknown-linux-gnu",
  commit: "59807616e1fa2540724bfbac14d7976d7e4a3860",
  sysroot: "/rust",
  hasRustup: true,
  hasSource: false,
  installedTargets: ["x86_64-unknown-linux-gnu"],
  rustupTargets: ["aarch64-unknown-linux-gnu", "aarch64-apple-darwin"],
};

export const cachedZig: ZigFacts = {
  version: "0.15.2",
  directory: "/cache/zig-0.15.2/ziglang",
  state: { kind: "cached" },
};

/** A Linux box with rustup and zig in the cache. */
export const linuxBox: HostFacts & { readonly rust: RustFacts } = {
  triple: "x86_64-unknown-linux-gnu",
  platform: "linux",
  offline: false,
  std: "auto",
  cache: "/cache",
  hasCc: true,
  rust: pinnedRust,
  distribution: undefined,
  zig: cachedZig,
  androidNdk: undefined,
  appleSdk: undefined,
  microsoftSdk: undefined,
};
