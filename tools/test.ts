// Entry of `npm test`: every check, then every test suite, then one closing line.
import { project } from "../nnrp.project.ts";
import { keepPromises } from "./quality/keep.ts";
import { checks, suites } from "./quality/promises.ts";
import { ensureRustComponents } from "./quality/rust-components.ts";
import { printsHelp, runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

await runEntry(async () => {
  if (
    printsHelp("npm test: every check, then every test suite. FORBID_SKIPS=1 turns each skip into a failure.")
  )
    return exitCodes.ok;
  await ensureRustComponents(project.root, systemProcess);
  return keepPromises([...checks, ...suites], systemProcess, {
    root: project.root,
    // Continuous integration provisions everything first; a skip there means a missing proof.
    forbidSkips: process.env["FORBID_SKIPS"] === "1",
    verbose: true,
    signal: abortOnInterrupt(),
  });
});
