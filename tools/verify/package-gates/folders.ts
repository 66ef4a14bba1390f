// Gates: a folder that names a platform holds libraries of that platform.
import { isProcessorName, processorNames } from "../../inspect/processor.ts";
import { brokenPromise, type PromisedPlatform } from "./platform-tag.ts";
import type { PackageGate } from "../package-unit.ts";
import type { OperatingSystem } from "../library-platform.ts";

/** Where Android does not call a processor as the readers do. */
const androidAbis: Readonly<Record<string, string>> = {
  "arm64-v8a": "aarch64",
  "armeabi-v7a": "armv7",
  armeabi: "armv7",
  x86: "i686",
  x86_64: "x86_64",
};
const androidFolder = /(?:^|\/)(?:jni|lib|jniLibs|android\.[a-z0-9_]+)\/([^/]+)\/[^/]+\.(?:so|a)$/;

export const androidAbi: PackageGate = {
  id: "android-abi",
  severity: "error",
  title: "a library is in the folder of another Android ABI",
  explanation:
    "Android takes the libraries of the device's folder and looks at nothing else: the app ends with UnsatisfiedLinkError on those devices only.",
  fix: "copy each library into the folder of its own ABI (jni/<abi>/ in an AAR, lib/<abi>/ in an APK)",
  *check(unit) {
    // Other systems have folders of such names too.
    const isAndroid = unit.entries.some(({ path }) => /(^|\/)AndroidManifest\.xml$/.test(path));
    for (const library of unit.libraries) {
      const abi = androidFolder.exec(library.entry.path)?.[1] ?? "";
      const cpu = isAndroid ? processorCalled(abi, androidAbis) : androidAbis[abi];
      if (cpu !== undefined) yield* brokenPromise(library, { os: "android", cpus: [cpu] }, `folder ${abi}`);
    }
  },
};

const ridSystems: Readonly<Record<string, PromisedPlatform>> = {
  "linux-musl": { os: "linux", libc: "musl" },
  "linux-bionic": { os: "android" },
  linux: { os: "linux", libc: "glibc" },
  win: { os: "windows" },
  win10: { os: "windows" },
  osx: { os: "macos" },
  maccatalyst: {},
  iossimulator: { os: "ios" },
  ios: { os: "ios" },
  android: { os: "android" },
};
const ridCpus: Readonly<Record<string, string>> = {
  x64: "x86_64",
  x86: "i686",
  arm64: "aarch64",
  arm: "armv7",
  ppc64le: "powerpc64",
};

/** The readers' name of a processor that a package calls by its own or theirs. */
function processorCalled(word: string, own: Readonly<Record<string, string>>): string | undefined {
  return own[word] ?? (isProcessorName(word) ? word : undefined);
}

export const nugetRuntime: PackageGate = {
  id: "nuget-runtime",
  severity: "error",
  title: "a library is in the folder of another runtime identifier",
  explanation:
    ".NET copies what lies under runtimes/<rid>/native of the machine's identifier; a library of another platform there is found when the first call fails.",
  fix: "move the library under the identifier of its platform",
  *check(unit) {
    for (const library of unit.libraries) {
      const match = /(?:^|\/)runtimes\/([a-z0-9.-]+)\/native\//.exec(library.entry.path);
      const parts = /^(.+)-([a-z0-9]+)$/.exec(match?.[1] ?? "");
      const system = ridSystems[parts?.[1] ?? ""];
      const cpu = processorCalled(parts?.[2] ?? "", ridCpus);
      if (system !== undefined)
        yield* brokenPromise(
          library,
          { ...system, ...(cpu === undefined ? {} : { cpus: [cpu] }) },
          `folder runtimes/${match?.[1] ?? ""}`,
        );
    }
  },
};

/** Words of folder and file names, by what they say; only names with a system and a processor count. */
const systemWords: Readonly<Record<string, OperatingSystem>> = {
  linux: "linux",
  android: "android",
  windows: "windows",
  win32: "windows",
  win: "windows",
  darwin: "macos",
  macos: "macos",
  osx: "macos",
  mac: "macos",
  freebsd: "freebsd",
};
const cpuWords: Readonly<Record<string, string>> = {
  x86_64: "x86_64",
  "x86-64": "x86_64",
  amd64: "x86_64",
  x64: "x86_64",
  i686: "i686",
  i386: "i686",
  x86: "i686",
  ia32: "i686",
  aarch64: "aarch64",
  arm64: "aarch64",
  armv7: "armv7",
  arm: "armv7",
  armel: "armv7",
  ppc64le: "powerpc64",
  ppc64: "powerpc64",
  loongarch64: "loongarch",
  mips64el: "mips",
};
const separated = (words: readonly string[]): string =>
  words.map((word) => word.replace("-", "[-]")).join("|");
const systems = separated(Object.keys(systemWords));
const cpus = separated([...Object.keys(cpuWords), ...processorNames()]);
const systemFirst = new RegExp(`(?:^|[/._-])(${systems})[/_-](${cpus})(?=[/._-])`, "i");
const cpuFirst = new RegExp(`(?:^|[/._-])(${cpus})-(?:unknown-|pc-|apple-)?(${systems})(?=[/._-])`, "i");

export const pathPlatform: PackageGate = {
  id: "path-platform",
  severity: "error",
  title: "a library is not of the platform that its path names",
  explanation:
    "Loaders of Java, Node and others build the path from the running system's name, and load what they find there. One wrong copy step breaks one platform, and no other notices.",
  fix: "look at the step that collects the libraries, and copy each into the folder of its platform",
  *check(unit) {
    for (const library of unit.libraries) {
      const { path } = library.entry;
      // Gates of their own.
      if (/(?:^|\/)runtimes\//.test(path)) continue;
      const promised = promiseOfPath(path);
      if (promised !== undefined) yield* brokenPromise(library, promised, "path");
    }
  },
};

function promiseOfPath(path: string): PromisedPlatform | undefined {
  const [first, second] = [systemFirst.exec(path), cpuFirst.exec(path)];
  const os = systemWords[(first?.[1] ?? second?.[2] ?? "").toLowerCase()];
  const cpu = processorCalled((first?.[2] ?? second?.[1] ?? "").toLowerCase(), cpuWords);
  if (os === undefined || cpu === undefined) return undefined;
  const isAndroid = os === "linux" && /android/i.test(path);
  return {
    os: isAndroid ? "android" : os,
    cpus: [cpu],
    ...(os === "linux" && /musl/i.test(path) ? { libc: "musl" } : {}),
  };
}
