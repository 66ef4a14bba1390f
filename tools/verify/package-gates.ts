// The list of all gates over packages, in the order in which findings are shown.
import {
  caseCollision,
  duplicateLibrary,
  executableBit,
  headersMissing,
  libraryUnreadable,
  licenceMissing,
  manifestDigest,
  packageConfig,
  packageLinks,
  packageSize,
  packageStructure,
  portablePath,
} from "./package-gates/contents.ts";
import { moduleMap, xcframeworkPlist } from "./package-gates/apple.ts";
import { duplicateSymbols } from "./package-gates/duplicate-symbols.ts";
import { androidAbi, nugetRuntime, pathPlatform } from "./package-gates/folders.ts";
import { npmLibc, npmMain, npmPlatform } from "./package-gates/npm.ts";
import {
  pythonModuleEntry,
  wheelFileName,
  wheelGlibc,
  wheelMinimumOs,
  wheelPurelib,
  wheelRecord,
  wheelTag,
} from "./package-gates/wheel.ts";
import type { PackageGate } from "./package-unit.ts";

export const packageGates: readonly PackageGate[] = [
  packageStructure,
  libraryUnreadable,
  wheelTag,
  wheelGlibc,
  wheelMinimumOs,
  wheelFileName,
  wheelRecord,
  wheelPurelib,
  pythonModuleEntry,
  npmPlatform,
  npmLibc,
  npmMain,
  androidAbi,
  nugetRuntime,
  pathPlatform,
  xcframeworkPlist,
  moduleMap,
  packageConfig,
  manifestDigest,
  duplicateLibrary,
  duplicateSymbols,
  caseCollision,
  portablePath,
  packageLinks,
  executableBit,
  packageSize,
  headersMissing,
  licenceMissing,
];
