// Entry: checks the invariants of ARCHITECTURE.md over the tracked files.
import { project } from "../nnrp.project.ts";
import { printsHelp, runEntry } from "./shared/entry.ts";
import { exitCodes } from "./shared/errors.ts";
import { systemProcess } from "./shared/process.ts";
import { tidyRules } from "./tidy/rules.ts";
import { readTree } from "./tidy/tree.ts";

await runEntry(async () => {
  if (printsHelp("tidy: checks the invariants of ARCHITECTURE.md over the tracked files."))
    return exitCodes.ok;
  const tree = await readTree(project.root, systemProcess);
  const findings = tidyRules.flatMap((rule) => {
    const broken = rule.check(tree);
    console.log(`${broken.length === 0 ? "kept  " : "BROKEN"} ${rule.name}: ${rule.promise}`);
    return broken;
  });
  for (const { path, line, rule, message } of findings) console.error(`${path}:${line}: ${rule}: ${message}`);
  return findings.length === 0 ? exitCodes.ok : exitCodes.finding;
});
