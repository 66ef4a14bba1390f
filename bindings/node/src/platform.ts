// The name of the package that holds the native library for the running process.

/** What decides which prebuilt library fits. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  /** On Linux only. */
  readonly libc: "glibc" | "musl" | undefined;
}

/** The platform of the running process, not of the machine: an x64 Node on an arm64 machine needs the x64 library. */
export function currentPlatform(): Platform {
  return { os: process.platform, cpu: process.arch, libc: process.platform === "linux" ? libc() : undefined };
}

/** "@nnrp/native" and linux, x64, musl → "@nnrp/native-linux-x64-musl". */
export function platformPackage(rootPackage: string, platform: Platform): string {
  const suffix = platform.libc === "musl" ? "-musl" : "";
  return `${rootPackage}-${platform.os}-${platform.cpu}${suffix}`;
}

function libc(): "glibc" | "musl" {
  const { report } = process;
  // The report would look up the names of all open sockets, which can block.
  const before = (report as { excludeNetwork?: boolean }).excludeNetwork;
  (report as { excludeNetwork?: boolean }).excludeNetwork = true;
  try {
    const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
  } finally {
    (report as { excludeNetwork?: boolean }).excludeNetwork = before ?? false;
  }
}
