// The list of all gates, in the order in which findings are shown.
import type { Gate } from "./gate.ts";
import { buildPaths } from "./gates/build-paths.ts";
import { elfNeeded, elfUnresolved, machoDependencies, peImports } from "./gates/dependencies.ts";
import { elfHardening } from "./gates/elf-hardening.ts";
import { archiveIndex, dynamicExports, staticExports } from "./gates/exports.ts";
import { archiveMembers, armFloat, fileTarget } from "./gates/file-target.ts";
import { importLibraryDll, importLibraryMissing, importLibrarySymbols } from "./gates/import-library.ts";
import { elfSoname, machoInstallName, peExportName } from "./gates/load-name.ts";
import { elfPageAlignment, elfRelroEnd } from "./gates/memory-layout.ts";
import { androidApi, glibcFloor, machoMinimumOs, machoPlatform, peMinimumOs } from "./gates/oldest-system.ts";
import { peDebugPath, peHardening, peTimestamp } from "./gates/pe-hardening.ts";
import { elfRpath, machoRpath } from "./gates/search-path.ts";
import { machoSignature } from "./gates/signature.ts";

export const gates: readonly Gate[] = [
  fileTarget,
  archiveMembers,
  armFloat,
  dynamicExports,
  staticExports,
  archiveIndex,
  importLibraryMissing,
  importLibraryDll,
  importLibrarySymbols,
  elfNeeded,
  elfUnresolved,
  peImports,
  machoDependencies,
  elfSoname,
  machoInstallName,
  peExportName,
  elfRpath,
  machoRpath,
  glibcFloor,
  androidApi,
  machoPlatform,
  machoMinimumOs,
  peMinimumOs,
  elfPageAlignment,
  elfRelroEnd,
  ...elfHardening,
  peHardening,
  peTimestamp,
  peDebugPath,
  machoSignature,
  buildPaths,
];
