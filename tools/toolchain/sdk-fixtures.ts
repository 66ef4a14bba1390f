// Folders laid out as each platform's own SDK lays them out, for the tests of what is found and done with it.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemProcess } from "../shared/process.ts";
import { probeWith, type Probe } from "./probe.ts";

export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    if (content.startsWith("#!")) chmodSync(path, 0o755);
  }
}

/** Asks real programs, those of one folder alone. */
export function probeOf(bin: string): Probe {
  const inFolder = {
    run: (...[command, options]: Parameters<typeof systemProcess.run>) =>
      systemProcess.run({ ...command, env: { ...command.env, PATH: bin } }, options),
  };
  return probeWith(inFolder, bin);
}

/** xcrun of a Mac: knows the SDKs of `versions` and no other. */
export function xcrunScript(versions: Readonly<Record<string, string>>): string {
  const cases = Object.entries(versions).map(([name, version]) => `  ${name}) echo ${version};;`);
  const unknown = `  *) echo "xcrun: error: SDK \\"$2\\" cannot be located" >&2; exit 1;;`;
  return ["#!/bin/sh", 'case "$2" in', ...cases, unknown, "esac", ""].join("\n");
}

/** A built osxcross below `root`, with compilers for the processors that `words` spell. */
export function osxcrossTree(root: string, words: readonly string[]): void {
  const target = join(root, "target");
  const lines = [
    "OSXCROSS_VERSION=1.5",
    "OSXCROSS_OSX_VERSION_MIN=10.13",
    "OSXCROSS_TARGET=darwin23.2",
    "OSXCROSS_SDK_VERSION=14.2",
    `OSXCROSS_SDK=${join(target, "SDK", "MacOSX14.2.sdk")}`,
    `OSXCROSS_TARGET_DIR=${target}`,
  ];
  const script = ["#!/bin/sh", ...lines.map((line) => `echo "export ${line}"`), ""].join("\n");
  const tools = words.flatMap((word) =>
    ["clang", "ar"].map((tool) => `bin/${word}-apple-darwin23.2-${tool}`),
  );
  writeTree(target, {
    "bin/osxcross-conf": script,
    ...Object.fromEntries(tools.map((name) => [name, "#!/bin/sh\n"])),
  });
}

/** What `xwin splat` leaves, without the content of the files. */
export function xwinTree(root: string, architectures: readonly string[]): void {
  const libraries = architectures.flatMap((name) => [
    `crt/lib/${name}/msvcrt.lib`,
    `sdk/lib/um/${name}/kernel32.Lib`,
    `sdk/lib/ucrt/${name}/ucrt.lib`,
  ]);
  const version = ["MAJOR 14", "MINOR 41", "BUILD 34120"].map((part) => {
    const [name, value] = part.split(" ");
    return `#define _VC_CRT_${name}_VERSION ${value}`;
  });
  writeTree(root, {
    "crt/include/crtversion.h": `${version.join("\n")}\n`,
    "sdk/include/um/windows.h": "",
    ...Object.fromEntries(libraries.map((name) => [name, ""])),
  });
}

/** The VC folder of a Visual Studio with libraries for `architectures`. */
export function visualStudioTree(root: string, version: string, architectures: readonly string[]): void {
  const libraries = architectures.map((name) => `VC/Tools/MSVC/${version}/lib/${name}/msvcrt.lib`);
  writeTree(root, {
    "VC/Auxiliary/Build/Microsoft.VCToolsVersion.default.txt": `${version}\r\n`,
    ...Object.fromEntries(libraries.map((name) => [name, ""])),
  });
}

/** Microsoft's installer's own program, in the folder where it always is. */
export function vswhereTree(programFiles: string, installations: readonly string[]): void {
  const json = JSON.stringify(installations.map((installationPath) => ({ installationPath })));
  writeTree(programFiles, {
    "Microsoft Visual Studio/Installer/vswhere.exe": `#!/bin/sh\necho '${json}'\n`,
  });
}
