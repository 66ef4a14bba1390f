// The list of all gates, in the order in which findings are shown.
import type { Gate } from "./gate.ts";
import { buildPaths } from "./gates/build-paths.ts";
import { elfLibc, elfNeeded, elfUnresolved, machoDependencies, peImports } from "./gates/dependencies.ts";
import { androidSymbols } from "./gates/android-symbols.ts";
import { credentials } from "./gates/credentials.ts";
import { elfHardening } from "./gates/elf-hardening.ts";
import {
  elfHashTable,
  elfLoadCongruence,
  elfSectionHeaders,
  elfTlsSize,
  elfWritableCode,
} from "./gates/elf-loading.ts";
import { elfArmArchitecture, elfX86Isa } from "./gates/elf-processor.ts";
import { staticInitializers } from "./gates/static-initializers.ts";
import { archiveIndex, dynamicExports, staticExports } from "./gates/exports.ts";
import { archiveMembers, armFloat, fileTarget } from "./gates/file-target.ts";
import { importLibraryDll, importLibraryMissing, importLibrarySymbols } from "./gates/import-library.ts";
import { elfSoname, machoInstallName, peExportName } from "./gates/load-name.ts";
import { elfPageAlignment, elfRelroEnd } from "./gates/memory-layout.ts";
import {
  androidApi,
  glibcFloor,
  symbolVersionFloor,
  machoMinimumOs,
  machoPlatform,
  peMinimumOs,
} from "./gates/oldest-system.ts";
import { peDebugPath, peHardening, peTimestamp } from "./gates/pe-hardening.ts";
import { elfRpath, machoRpath } from "./gates/search-path.ts";
import { archiveMetadata, archiveThin, staticForeignSymbols } from "./gates/archive-form.ts";
import { debugInformation } from "./gates/debug-information.ts";
import {
  fatSlices,
  machoBitcode,
  machoHeaderPad,
  machoTwoLevel,
  machoUuid,
  machoWritableCode,
} from "./gates/macho-loading.ts";
import { coffDirectives, peExportDecoration, peRelocations, peWritableCode } from "./gates/pe-loading.ts";
import { wasmImports, wasmRelocatable } from "./gates/wasm.ts";
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
  elfLibc,
  elfUnresolved,
  peImports,
  machoDependencies,
  elfSoname,
  machoInstallName,
  peExportName,
  elfRpath,
  machoRpath,
  glibcFloor,
  symbolVersionFloor,
  androidApi,
  machoPlatform,
  machoMinimumOs,
  peMinimumOs,
  elfPageAlignment,
  elfRelroEnd,
  ...elfHardening,
  elfLoadCongruence,
  elfWritableCode,
  elfHashTable,
  elfSectionHeaders,
  elfTlsSize,
  elfX86Isa,
  elfArmArchitecture,
  androidSymbols,
  staticInitializers,
  peHardening,
  peTimestamp,
  peDebugPath,
  peRelocations,
  peWritableCode,
  peExportDecoration,
  coffDirectives,
  machoSignature,
  machoBitcode,
  machoTwoLevel,
  machoUuid,
  machoWritableCode,
  machoHeaderPad,
  fatSlices,
  archiveThin,
  archiveMetadata,
  staticForeignSymbols,
  wasmImports,
  wasmRelocatable,
  debugInformation,
  buildPaths,
  credentials,
];
