// Entry of `npm run matrix`: builds, inspects, verifies, packages and runs the libraries of every target.
import { project } from "../nnrp.project.ts";
import { matrixCommand } from "./pipeline/matrix-command.ts";
import { runEntry } from "./shared/entry.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

await runEntry(() =>
  matrixCommand(process.argv.slice(2), {
    project,
    process: systemProcess,
    signal: abortOnInterrupt(),
    stdout: {
      isTTY: process.stdout.isTTY,
      columns: process.stdout.columns,
      write: (text) => void process.stdout.write(text),
    },
  }),
);
