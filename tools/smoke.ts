// Command: runs the packages of what was built: clients in C and Node replay the scenario against the unpacked files.
import { exitCodes } from "./shared/errors.ts";
import { runEntry } from "./shared/entry.ts";
import { runStage } from "./single-stage.ts";
import { failuresOf, type Surroundings, type Verification } from "./smoke/verification.ts";

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
      print(verification);
      failed ||= failuresOf(verification).length > 0;
    }
    return failed ? exitCodes.finding : exitCodes.ok;
  }),
);

function print(verification: Verification): void {
  const { triple, claim, runs, links, skipped, limits } = verification;
  const lines = [
    `${triple}: ${claim}`,
    ...runs.map(
      (run) =>
        `  ${run.client} ${run.claim}: ${run.passed} steps passed, ${run.failed} failed, ${run.durationMs} ms, ${surroundings(run)}`,
    ),
    ...links
      .filter(({ ok }) => ok)
      .map(
        (link) =>
          `  ${link.client} links ${link.functions} functions${link.slice === undefined ? "" : ` for ${link.slice}`} with ${link.compiler}`,
      ),
    ...skipped.map((item) => `  ${item.client} skipped: ${item.reason}; ${item.remedy}`),
    ...limits.map((limit) => `  ${limit.subject} without a run: ${limit.reason}`),
    ...failuresOf(verification).map((text) => `  FAILED ${text.replaceAll("\n", "\n    ")}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function surroundings({ runner, libraries }: Surroundings): string {
  return libraries === undefined ? runner : `${runner}, ${libraries}`;
}
