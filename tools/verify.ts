// Command: judges the libraries of what was built by all gates, from the bytes alone.
import { exitCodes } from "./shared/errors.ts";
import { runEntry } from "./shared/entry.ts";
import { runStage } from "./single-stage.ts";

const description =
  "Reads the libraries of artifacts/<triple>/ and judges them by every gate. Writes artifacts/<triple>/findings.json.";

await runEntry(() =>
  runStage("verify", description, async ({ stages, artifacts }) => {
    let failed = false;
    for (const artifact of artifacts) {
      const { findings, gates } = (await stages.verify(artifact)).result;
      process.stdout.write(`${artifact.target.triple}: ${gates.length} gates, ${findings.length} findings\n`);
      for (const { severity, gate, file, title, evidence, fix } of findings)
        process.stdout.write(
          `  ${severity} ${gate}: ${file}: ${title}\n    ${evidence.section} at ${evidence.offset}: ${evidence.value}\n    fix: ${fix}\n`,
        );
      failed ||= findings.some(({ severity }) => severity === "error");
    }
    return failed ? exitCodes.finding : exitCodes.ok;
  }),
);
