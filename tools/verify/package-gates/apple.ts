// Gates: the property list of an xcframework and the module maps of a package say what is there.
import { platformOf } from "../library-platform.ts";
import { objectsOfFormat } from "../gate.ts";
import { entryViolation, matching } from "../package-unit.ts";
import type { PackageEntry, PackageGate, PackageUnit, PackageViolation } from "../package-unit.ts";
import { parsePropertyList, type PropertyValue } from "./property-list.ts";

export const xcframeworkPlist: PackageGate = {
  id: "xcframework-plist",
  severity: "error",
  title: "the property list of the xcframework does not fit its libraries",
  explanation:
    "Xcode reads Info.plist alone to choose a library: a path, processor or platform that is wrong there fails in the user's build, for one kind of device or simulator only.",
  fix: "write Info.plist from the libraries (xcodebuild -create-xcframework)",
  *check(unit) {
    for (const { entry, match } of matching(unit, /^((?:.*\/)?[^/]+\.xcframework\/)Info\.plist$/)) {
      const list = entry.text === undefined ? undefined : parsePropertyList(entry.text);
      const libraries = field(list, "AvailableLibraries");
      if (!Array.isArray(libraries) || field(list, "CFBundlePackageType") !== "XFWK") {
        yield entryViolation(
          entry,
          "Info.plist",
          "no AvailableLibraries, or a CFBundlePackageType other than XFWK",
        );
        continue;
      }
      for (const library of libraries) yield* wrongLibrary(unit, entry, match[1] ?? "", library);
    }
  },
};

function* wrongLibrary(
  unit: PackageUnit,
  plist: PackageEntry,
  root: string,
  library: PropertyValue,
): Generator<PackageViolation, void, void> {
  const identifier = text(library, "LibraryIdentifier");
  const path = text(library, "LibraryPath");
  const binary = text(library, "BinaryPath");
  const at = `Info.plist ${identifier}`;
  const folder = `${root}${identifier}/`;
  const found = unit.libraries.find(({ entry }) => isBinary(entry.path, folder, binary || path));
  const headers = text(library, "HeadersPath");
  if (found === undefined) {
    yield entryViolation(plist, `${at} LibraryPath`, `${path} is not there`);
    return;
  }
  if (headers !== "" && !unit.entries.some((entry) => entry.path.startsWith(`${folder}${headers}/`)))
    yield entryViolation(plist, `${at} HeadersPath`, `${headers} is not there`);
  const named = field(library, "SupportedArchitectures");
  const architectures = Array.isArray(named) ? named.map(String).sort() : [];
  const present = [
    ...new Set(objectsOfFormat(found.facts, "macho").map(({ object }) => appleCpu(object.cpu))),
  ].sort();
  if (architectures.join() !== present.join())
    yield entryViolation(
      plist,
      `${at} SupportedArchitectures`,
      `${architectures.join(", ")}; the library has ${present.join(", ")}`,
    );
  const platform = `${text(library, "SupportedPlatform")}${text(library, "SupportedPlatformVariant") === "simulator" ? "-simulator" : ""}`;
  const actual = objectsOfFormat(found.facts, "macho").find(
    ({ object }) => object.platform.value !== "unknown",
  )?.object.platform.value;
  if (
    actual !== undefined &&
    !actual.startsWith("other") &&
    actual !== platform &&
    platformOf(found.facts).os !== "other"
  )
    yield entryViolation(plist, `${at} SupportedPlatform`, `${platform}; the library is for ${actual}`);
}

/** A framework is a folder whose binary has the folder's name, perhaps under Versions. */
function isBinary(path: string, folder: string, library: string): boolean {
  if (path === `${folder}${library}`) return true;
  const name = /([^/]+)\.framework$/.exec(library)?.[1];
  return name !== undefined && path.startsWith(`${folder}${library}/`) && path.endsWith(`/${name}`);
}

/** Info.plist calls processors as Apple's tools do. */
function appleCpu(cpu: string): string {
  return { aarch64: "arm64", armv7: "armv7", i686: "i386" }[cpu] ?? cpu;
}

function field(value: PropertyValue | undefined, name: string): PropertyValue | undefined {
  return typeof value === "object" && !Array.isArray(value) ? value[name] : undefined;
}

function text(value: PropertyValue, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

export const moduleMap: PackageGate = {
  id: "module-map",
  severity: "error",
  title: "a module map names a header that is not there",
  explanation:
    'Swift and Objective-C import the module through its map: "header not found" ends the user\'s build.',
  fix: "name the headers relative to the map, and ship them",
  *check(unit) {
    const paths = new Set(unit.entries.map(({ path }) => path));
    for (const { entry, match } of matching(unit, /^(.*\/)?[^/]*\.?modulemap$/)) {
      const folder = match[1] ?? "";
      // A framework's headers lie beside its folder of modules.
      const roots = [
        folder,
        folder.replace(/Modules\/$/, "Headers/"),
        folder.replace(/Modules\/$/, "PrivateHeaders/"),
      ];
      const uncommented = (entry.text ?? "")
        .replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "")
        .replaceAll(conditionalModule, "");
      for (const [, kind, name] of uncommented.matchAll(
        /((?:umbrella|textual|private|exclude)\s+)*header\s+"([^"]+)"/g,
      ))
        if (
          !(kind ?? "").startsWith("exclude") &&
          !roots.some((root) => paths.has(normal(`${root}${name ?? ""}`)))
        )
          yield entryViolation(entry, "module map header", name ?? "");
    }
  },
};

/** A module that requires a feature is left out where the compiler lacks it, and its headers with it. */
const conditionalModule = /\{[^{}]*\brequires\s[^{}]*\}/g;

/** The path with its "." and ".." resolved. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/"))
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  return parts.join("/");
}
