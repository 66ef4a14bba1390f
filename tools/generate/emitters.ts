// The registry of emitters, in the order in which their files are written.
import type { Emitter } from "./emitter.ts";

export const emitters: readonly Emitter[] = [];
