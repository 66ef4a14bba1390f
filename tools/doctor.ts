// Entry: examines any library or package and says what is wrong with it, from its bytes alone. See --help.
import { doctor } from "./doctor/command.ts";
import { runEntry } from "./shared/entry.ts";
import { gates } from "./verify/gates.ts";
import { packageGates } from "./verify/package-gates.ts";

await runEntry(() =>
  doctor(process.argv.slice(2), {
    rules: [...packageGates, ...gates],
    folder: process.cwd(),
    terminal: {
      columns: Math.min(process.stdout.columns ?? (Number(process.env["COLUMNS"]) || 110), 140),
      colour: process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "",
    },
    print: (text) => new Promise((done) => process.stdout.write(text, () => done())),
    complain: (text) => process.stderr.write(text),
  }),
);
