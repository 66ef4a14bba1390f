// The layout of an XCFramework: one static library for each Apple platform, and the Info.plist that names them.
import type { Floor, Target } from "../matrix/target.ts";

export interface FrameworkSlice {
  /** Folder name, as Xcode forms it: "ios-arm64_x86_64-simulator". */
  readonly identifier: string;
  readonly platform: "ios" | "macos";
  readonly isSimulator: boolean;
  /** Apple's names of the processors, in byte order. */
  readonly architectures: readonly string[];
  /** One for each architecture, in the order of the table. */
  readonly targets: readonly Target[];
}

const kinds = ["ios", "ios-simulator", "macos"] as const satisfies readonly Floor["kind"][];

/** Device and simulator have the same processor and cannot share a file: each platform is a slice of its own. */
export function frameworkSlices(table: readonly Target[]): FrameworkSlice[] {
  return kinds.map((kind) => {
    const targets = table.filter(({ floor, slices }) => floor.kind === kind && slices === undefined);
    const architectures = targets.map(({ cpu }) => (cpu === "aarch64" ? "arm64" : cpu)).sort();
    const isSimulator = kind === "ios-simulator";
    const platform = kind === "macos" ? "macos" : "ios";
    const identifier = `${platform}-${architectures.join("_")}${isSimulator ? "-simulator" : ""}`;
    return { identifier, platform, isSimulator, architectures, targets };
  });
}

/** Keys in byte order, as Xcode writes them. */
export function infoPlist(slices: readonly FrameworkSlice[], libraryFile: string): string {
  const library = (slice: FrameworkSlice): string[] => [
    "\t\t<dict>",
    ...entry("BinaryPath", text(libraryFile)),
    ...entry("HeadersPath", text("Headers")),
    ...entry("LibraryIdentifier", text(slice.identifier)),
    ...entry("LibraryPath", text(libraryFile)),
    ...entry("SupportedArchitectures", "<array>"),
    ...slice.architectures.map((name) => `\t\t\t\t${text(name)}`),
    "\t\t\t</array>",
    ...entry("SupportedPlatform", text(slice.platform)),
    ...(slice.isSimulator ? entry("SupportedPlatformVariant", text("simulator")) : []),
    "\t\t</dict>",
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    "\t<key>AvailableLibraries</key>",
    "\t<array>",
    ...slices.flatMap(library),
    "\t</array>",
    "\t<key>CFBundlePackageType</key>",
    "\t<string>XFWK</string>",
    "\t<key>XCFrameworkFormatVersion</key>",
    "\t<string>1.0</string>",
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function entry(key: string, value: string): string[] {
  return [`\t\t\t<key>${key}</key>`, `\t\t\t${value}`];
}

function text(value: string): string {
  return `<string>${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`;
}
