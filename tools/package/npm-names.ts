// The names of the npm packages: one root, and one package a platform that holds the addon.
import type { Target } from "../matrix/target.ts";

export type NodePlatform = NonNullable<Target["node"]>;

/** `<root>-<os>-<cpu>`, with `-musl` where the platform has two C libraries. */
export function platformPackageName(root: string, node: NodePlatform): string {
  return `${root}-${node.os}-${node.cpu}${node.libc === "musl" ? "-musl" : ""}`;
}

/** As `npm pack` names the file: "@scope/name" becomes "scope-name". */
export function npmFileName(name: string, version: string): string {
  return `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`;
}
