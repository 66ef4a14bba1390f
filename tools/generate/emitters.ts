// The registry of emitters, in the order in which their files are written.
import { cLayout } from "./c-layout.ts";
import type { Emitter } from "./emitter.ts";
import { errorPage } from "./error-page.ts";
import { abiModelFile, exportLists } from "./exports.ts";
import { nodeAddonEmitter } from "./node-addon.ts";
import { nodeModuleEmitter } from "./node-module.ts";
import { rustAbi } from "./rust-abi.ts";
import { rustCalls } from "./rust-calls.ts";

export const emitters: readonly Emitter[] = [
  abiModelFile,
  exportLists,
  cLayout,
  errorPage,
  rustAbi,
  rustCalls,
  nodeAddonEmitter,
  nodeModuleEmitter,
];
