// Entry of `npm run matrix`: builds, inspects, verifies, packages and runs the libraries of every target.
import { join } from "node:path";
import { matrixCommand } from "./pipeline/matrix-command.ts";
import { runEntry } from "./shared/entry.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { loadProject } from "./shared/load-project.ts";
import { systemProcess } from "./shared/process.ts";

const ownProject = join(import.meta.dirname, "..", "nnrp.project.ts");

await runEntry(() =>
  matrixCommand(process.argv.slice(2), {
    loadProject: (file) => loadProject(file ?? ownProject),
    process: systemProcess,
    signal: abortOnInterrupt(),
    environment: process.env,
    stdout: {
      isTTY: process.stdout.isTTY,
      columns: process.stdout.columns,
      write: (text) => void process.stdout.write(text),
    },
  }),
);
