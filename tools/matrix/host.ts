// The target of the table that this machine itself is.
import { readdirSync } from "node:fs";

export interface HostSystem {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly isMusl: boolean;
}

export function thisHost(): HostSystem {
  const isMusl =
    process.platform === "linux" && readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
  return { platform: process.platform, arch: process.arch, isMusl: isMusl && !hasGlibc() };
}

/** Node reports its own C library; a musl loader beside glibc does not make a musl system. */
function hasGlibc(): boolean {
  const header = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)
    ?.header;
  return header?.glibcVersionRuntime !== undefined;
}

/** Triple of the host, or the nearest thing to one where the table has no row for it. */
export function hostTriple(host: HostSystem): string {
  const cpu =
    ({ x64: "x86_64", ia32: "i686", arm64: "aarch64", arm: "armv7" } as Record<string, string>)[host.arch] ??
    host.arch;
  if (host.platform === "darwin") return `${cpu}-apple-darwin`;
  if (host.platform === "win32") return `${cpu}-pc-windows-gnullvm`;
  return `${cpu}-unknown-linux-${host.isMusl ? "musl" : "gnu"}${cpu === "armv7" ? "eabihf" : ""}`;
}
