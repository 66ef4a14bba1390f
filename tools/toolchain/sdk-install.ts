// How a platform's own SDK comes onto a machine: one line that detection then finds the result of.
import type { Target } from "../matrix/target.ts";
import type { CostName } from "./install-cost.ts";

export interface SdkInstall {
  readonly what: string;
  readonly install: string;
  readonly cost: CostName;
}

export function sdkFor(target: Target, platform: NodeJS.Platform): SdkInstall {
  if (target.family === "windows-msvc") return microsoft(target, platform);
  if (target.family === "android")
    return { what: "Android NDK", install: ndk(platform), cost: "android-ndk" };
  return target.family === "ios" ? ios(platform) : macos(platform);
}

/** Into the folder in which Android Studio keeps its SDK, which is looked at without any variable. */
function ndk(platform: NodeJS.Platform): string {
  const folders: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "$HOME/Library/Android/sdk",
    win32: "%LOCALAPPDATA%\\Android\\Sdk",
  };
  return `sdkmanager --sdk_root="${folders[platform] ?? "$HOME/Android/Sdk"}" --install "ndk;27.2.12479018"`;
}

/** cargo-xwin fetches x86_64 and aarch64 unless told otherwise. */
function microsoft({ cpu }: Target, platform: NodeJS.Platform): SdkInstall {
  if (platform !== "win32") {
    const install = "cargo install cargo-xwin && cargo xwin cache xwin --xwin-arch x86,x86_64,aarch64";
    return { what: "Microsoft's C runtime and Windows SDK", install, cost: "xwin" };
  }
  const component = cpu === "aarch64" ? "ARM64" : "x86.x64";
  const parts = `Workload.VCTools;includeRecommended --add Microsoft.VisualStudio.Component.VC.Tools.${component}`;
  return {
    what: "Visual Studio's compilers",
    install: `winget install Microsoft.VisualStudio.2022.BuildTools --override "--quiet --wait --add Microsoft.VisualStudio.${parts}"`,
    cost: "visual-studio",
  };
}

function macos(platform: NodeJS.Platform): SdkInstall {
  if (platform === "darwin") return { what: "macOS SDK", install: "xcode-select --install", cost: "xcode" };
  const install = [
    "git clone https://github.com/tpoechtrager/osxcross",
    // Only a Mac can pack it: osxcross/tools/gen_sdk_package.sh.
    "cp MacOSX*.sdk.tar.xz osxcross/tarballs/",
    "UNATTENDED=1 osxcross/build.sh",
    'export OSXCROSS_ROOT="$PWD/osxcross"',
  ].join(" && ");
  return { what: "macOS SDK (packed on a Mac)", install, cost: "osxcross" };
}

function ios(platform: NodeJS.Platform): SdkInstall {
  const line = "xcodebuild -downloadPlatform iOS";
  return {
    what: "iOS SDK",
    install: platform === "darwin" ? line : `on a Mac with Xcode: ${line}`,
    cost: "xcode",
  };
}
