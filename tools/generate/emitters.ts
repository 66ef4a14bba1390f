// The registry of emitters, in the order in which their files are written.
import type { Emitter } from "./emitter.ts";
import { nodeAddonEmitter } from "./node-addon.ts";
import { nodeModuleEmitter } from "./node-module.ts";

export const emitters: readonly Emitter[] = [nodeAddonEmitter, nodeModuleEmitter];
