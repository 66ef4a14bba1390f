// Entry: format, lint, types, invariants and drift; one line per promise.
import { project } from "../nnrp.project.ts";
import { keepPromises } from "./quality/keep.ts";
import { checks } from "./quality/promises.ts";
import { ensureRustComponents } from "./quality/rust-components.ts";
import { printsHelp, runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

await runEntry(async () => {
  if (printsHelp("npm run check: format, lint, types, invariants and drift; one line per promise."))
    return exitCodes.ok;
  await ensureRustComponents(project.root, systemProcess);
  return keepPromises(checks, systemProcess, {
    root: project.root,
    forbidSkips: false,
    verbose: false,
    signal: abortOnInterrupt(),
  });
});
