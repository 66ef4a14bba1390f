// Entry of `npm run reproduce`: builds a commit twice in different surroundings and compares the bytes.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { reproduceCommand } from "./reproduce/command.ts";
import { runEntry } from "./shared/entry.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";

await runEntry(() =>
  reproduceCommand(process.argv.slice(2), {
    process: systemProcess,
    signal: abortOnInterrupt(),
    ownProject: join(import.meta.dirname, "..", "nnrp.project.ts"),
    entry: join(import.meta.dirname, "build-matrix.ts"),
    jobs: availableParallelism(),
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  }),
);
