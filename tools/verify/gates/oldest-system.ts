// Gates: a library loads on the oldest system that its target promises.
import type { Place } from "../../inspect/facts.ts";
import { compareVersions, objectsOfFormat, violation, type Gate } from "../gate.ts";

export const glibcFloor: Gate = {
  id: "glibc-floor",
  severity: "error",
  title: "the library needs a newer glibc than the target promises",
  explanation:
    "The loader compares the needed versions with those of the system's glibc and refuses the library when one is missing. The linker takes whatever its own glibc has, so the floor follows the build machine unless it is set.",
  fix: "link against the promised glibc (zig: -target <cpu>-linux-gnu.<version>)",
  *check({ facts, policy }) {
    const floor = policy.elf?.versions["GLIBC"];
    if (floor === undefined) return;
    for (const named of objectsOfFormat(facts, "elf"))
      for (const version of named.object.versionNeeds.flatMap(({ versions }) => versions)) {
        const number = /^GLIBC_(.+)$/.exec(version.value)?.[1];
        // For a weak need the loader only warns. GLIBC_PRIVATE and GLIBC_ABI_* are no numbers and always too new.
        if (number === undefined || version.weak) continue;
        if (!/^[\d.]+$/.test(number) || compareVersions(number, floor) > 0)
          yield violation(named, version, version.value);
      }
  },
};

export const symbolVersionFloor: Gate = {
  id: "symbol-version-floor",
  severity: "error",
  title: "the library needs newer runtime libraries than the policy promises",
  explanation:
    "libstdc++ (GLIBCXX, CXXABI) and libgcc_s (GCC) version their symbols as glibc does: a library from a new compiler does not load where the old runtime is.",
  fix: "build with the oldest compiler that is promised, or link with -static-libstdc++ -static-libgcc",
  *check({ facts, policy }) {
    for (const named of objectsOfFormat(facts, "elf"))
      for (const version of named.object.versionNeeds.flatMap(({ versions }) => versions)) {
        const match = /^([A-Z]+)_(\d[\d.]*)$/.exec(version.value);
        const family = match?.[1] ?? "";
        const floor = family === "GLIBC" ? undefined : policy.elf?.versions[family];
        if (floor !== undefined && !version.weak && compareVersions(match?.[2] ?? "0", floor) > 0)
          yield violation(named, version, version.value);
      }
  },
};

export const androidApi: Gate = {
  id: "android-api",
  severity: "error",
  title: "the Android API level is not the target's",
  explanation:
    "The note .note.android.ident tells the loader which behaviour the library was built for; a higher level than promised means symbols that older devices lack, none means level 1.",
  fix: "link crtbegin_so.o of the promised API level first",
  *check({ facts, policy }) {
    const wanted = policy.elf?.androidApi;
    if (wanted === undefined) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const { androidApi: found, dynamic } = named.object;
      if (dynamic === undefined || found?.value === wanted) continue;
      yield violation(
        named,
        found ?? { ...dynamic, section: ".note.android.ident" },
        String(found?.value ?? "none"),
      );
    }
  },
};

export const machoPlatform: Gate = {
  id: "macho-platform",
  severity: "error",
  title: "the object is for another Apple platform",
  explanation:
    "Device and simulator on ARM, and macOS, share one processor type; the platform is in a load command of each object. The linker refuses a mix, Xcode refuses the framework.",
  fix: "give the compiler and the linker the target's platform (-target …-apple-ios, -platform_version)",
  *check({ facts, policy }) {
    const wanted = policy.macho?.platform;
    if (wanted === undefined) return;
    const objects = objectsOfFormat(facts, "macho");
    for (const named of objects) {
      const { platform, type } = named.object;
      // Assembly and empty objects may say nothing; a linked file must say it.
      const silent = platform.value === "unknown" && type.value === "object";
      if (!silent && platform.value !== wanted) yield violation(named, platform, platform.value);
    }
    const [first] = objects;
    if (
      first !== undefined &&
      objects.every(({ object }) => object.platform.value === "unknown") &&
      isObject(first)
    )
      yield violation({}, first.object.platform, "no member names its platform");
  },
};

export const machoMinimumOs: Gate = {
  id: "macho-minimum-os",
  severity: "error",
  title: "the oldest system is newer than the target promises",
  explanation:
    "dyld refuses a library on a system that is older than its load command says, and the linker warns for each such object. C code takes the version of the SDK unless it is told.",
  fix: "set MACOSX_DEPLOYMENT_TARGET or IPHONEOS_DEPLOYMENT_TARGET for rustc and for the C compiler",
  *check({ facts, policy }) {
    const floor = policy.macho?.minimumOs;
    if (floor === undefined) return;
    for (const named of objectsOfFormat(facts, "macho")) {
      const { minimumOs, type, machine } = named.object;
      if (minimumOs === undefined && type.value !== "object") yield violation(named, machine, "none");
      if (minimumOs !== undefined && compareVersions(minimumOs.value, floor) > 0)
        yield violation(named, minimumOs, minimumOs.value);
    }
  },
};

export const peMinimumOs: Gate = {
  id: "pe-minimum-os",
  severity: "error",
  title: "the DLL asks for a newer Windows than the target promises",
  explanation: "The loader refuses an image whose subsystem version is higher than the system's own.",
  fix: "link with the promised subsystem version (-Wl,--major-subsystem-version)",
  *check({ facts, policy }) {
    const floor = policy.pe?.minimumOs;
    if (floor === undefined) return;
    for (const named of objectsOfFormat(facts, "pe")) {
      const found = named.object.minimumOsVersion;
      if (compareVersions(found.value, floor) > 0) yield violation(named, found, found.value);
    }
  },
};

function isObject({ object }: { object: { readonly type: Place & { readonly value: string } } }): boolean {
  return object.type.value === "object";
}
