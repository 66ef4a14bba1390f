// Mutations of what XCFrameworks promise by their property lists and module maps.
import {
  partNamed,
  resealed,
  withText,
  type PackageMutation,
  type PackageOrigin,
} from "./package-mutation.ts";

const xcframework: PackageOrigin = { own: "xcframework" };

export const xcframeworkMutations: readonly PackageMutation[] = [
  ...[
    {
      origin: xcframework,
      from: "<string>arm64</string>",
      to: "<string>arm64e</string>",
      section: /^Info\.plist ios-arm64.* SupportedArchitectures$/,
      value: "arm64e; the library has arm64",
    },
    {
      origin: { corpus: "expo-sqlite" },
      from: "<string>x86_64</string>",
      to: "<string>i386</string>",
      section: "Info.plist ios-arm64_x86_64-simulator SupportedArchitectures",
      value: "arm64, i386; the library has arm64, x86_64",
    },
    {
      origin: { corpus: "expo-sqlite" },
      from: "<string>crsqlite.framework</string>",
      to: "<string>other.framework</string>",
      section: "Info.plist ios-arm64_x86_64-simulator LibraryPath",
      value: "other.framework is not there",
    },
  ].map(({ origin, from, to, section, value }): PackageMutation => ({
    gate: "xcframework-plist",
    breaks: `the property list says ${to}`,
    origin,
    change: (parts) => {
      const list = partNamed(parts, /\.xcframework\/Info\.plist$/);
      return {
        parts: resealed(withText(parts, /\.xcframework\/Info\.plist$/, from, to)),
        evidence: { part: list.name, section, value },
      };
    },
  })),
  ...[
    { origin: xcframework, map: /ios-arm64\/Headers\/.*modulemap$/, header: "tally.h" },
    { origin: { corpus: "capacitor-ios" }, map: /\/Capacitor\.modulemap$/, header: "Capacitor.h" },
  ].map(({ origin, map, header }): PackageMutation => ({
    gate: "module-map",
    breaks: "the module map names another header",
    origin,
    change: (parts) => ({
      parts: resealed(withText(parts, map, `header "${header}"`, 'header "gone.h"')),
      evidence: { part: partNamed(parts, map).name, section: "module map header", value: "gone.h" },
    }),
  })),
];
