// The JavaScript side of the tally fixture: finds the addon of the platform.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const name = `@tally/native-${process.platform}-${process.arch}`;

/** Path of the addon that is loaded. */
export const library = require.resolve(name);
export const { add } = require(name);
