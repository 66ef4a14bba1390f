// Command: runs the packages of what was built: clients in C and Node replay the scenario against the unpacked files.
import { exitCodes } from "./shared/errors.ts";
import { runEntry } from "./shared/entry.ts";
import { runStage } from "./single-stage.ts";
import { failuresOf } from "./smoke/verification.ts";
import { verificationLines } from "./smoke/verification-text.ts";

const description =
  "Packs artifacts/<triple>/, unpacks it in an odd folder and replays the smoke scenario with clients in C and Node: natively, under qemu or under Wine. Writes artifacts/<triple>/verification.json.";

await runEntry(() =>
  runStage("smoke", description, async (bench) => {
    const { stages, artifacts } = bench;
    let failed = false;
    for (const artifact of artifacts) {
      const packages = [...(await stages.package(artifact)).result, ...(await stages.packageShared())];
      const onLine = (line: string): void => void process.stderr.write(`  ${line}\n`);
      const { result: verification } = await stages.smoke(
        artifact,
        packages,
        bench.toolchainOf(artifact),
        onLine,
      );
      process.stdout.write(`${verificationLines(verification).join("\n")}\n`);
      failed ||= failuresOf(verification).length > 0;
    }
    return failed ? exitCodes.finding : exitCodes.ok;
  }),
);
