// Command: shows which packages of the corpus are here, and fetches the rest through the registries' own clients.
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command as Program } from "commander";
import { sha256Of } from "../shared/digest.ts";
import { runEntry } from "../shared/entry.ts";
import { exitCodes, ToolError, type ExitCode } from "../shared/errors.ts";
import { systemProcess, type Command } from "../shared/process.ts";
import {
  corpusFolder,
  corpusPackages,
  corpusPath,
  fetchCommand,
  isIntact,
  type CorpusPackage,
} from "./corpus-cache.ts";

/** The largest file has 13 MB. */
const fetchLimitMs = 300_000;

const program = new Program("corpus")
  .description(
    "Lists the foreign packages that readers and gates are tested on, and fetches what is missing.",
  )
  .option("--fetch", "fetch what is missing with npm, pip and mvn, and compare its SHA-256")
  .addHelpText(
    "after",
    "\nExit codes: 0 all is there, 3 something is missing, 2 a file is not the pinned one.",
  );

await runEntry(async () => {
  const { fetch } = program.parse().opts<{ fetch?: true }>();
  return listOrFetch(fetch === true);
});

async function listOrFetch(fetch: boolean): Promise<ExitCode> {
  let missing = 0;
  for (const entry of corpusPackages) {
    let state = (await isIntact(entry)) ? "here" : "missing";
    if (state === "missing" && fetch) {
      await fetchPackage(entry);
      state = "fetched";
    }
    if (state === "missing") missing += 1;
    process.stdout.write(`${state.padEnd(8)} ${entry.id.padEnd(28)} ${entry.bytes} bytes\n`);
  }
  process.stdout.write(`${corpusFolder()}\n`);
  if (missing === 0) return exitCodes.ok;
  process.stdout.write(`${missing} missing: ${fetchCommand}\n`);
  return exitCodes.environment;
}

async function fetchPackage(entry: CorpusPackage): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "corpus-"));
  try {
    const exit = await systemProcess.run({
      ...clientCommand(entry, folder),
      cwd: folder,
      timeoutMs: fetchLimitMs,
    });
    const [name] = await readdir(folder);
    if (exit.code !== 0 || name === undefined) throw notFetched(entry, exit.stderr);
    await keep(entry, join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each client uses the mirror that its user has configured. */
function clientCommand(entry: CorpusPackage, folder: string): Command {
  switch (entry.registry) {
    case "npm":
      return {
        program: "npm",
        args: ["pack", `${entry.package}@${entry.version}`, "--ignore-scripts", "--silent"],
      };
    case "pypi":
      return {
        program: "python3",
        args: ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
          .concat(["--platform", entry.platform ?? "any", "--python-version", "311"])
          .concat(["--implementation", "cp", "--abi", "cp311", "--abi", "abi3"])
          .concat([`${entry.package}==${entry.version}`]),
      };
    case "maven":
      return {
        program: "mvn",
        args: ["--quiet", "--batch-mode", "dependency:copy", `-DoutputDirectory=${folder}`].concat([
          `-Dartifact=${entry.package}:${entry.version}:${entry.platform ?? "jar"}`,
        ]),
      };
  }
}

/** A file with another content is refused: the tests would then be about something else. */
async function keep(entry: CorpusPackage, fetched: string): Promise<void> {
  const actual = sha256Of(await readFile(fetched));
  if (actual !== entry.sha256)
    throw new ToolError({
      code: "corpus-changed",
      family: "usage",
      message: `${entry.id}: the registry gave a file with SHA-256 ${actual}, not ${entry.sha256}`,
      remedy: "look at what the mirror serves; the pinned file must not change under its version",
    });
  const path = corpusPath(entry);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(fetched, `${path}.unfinished`);
  await rename(`${path}.unfinished`, path);
}

function notFetched(entry: CorpusPackage, output: string): ToolError {
  return new ToolError({
    code: "corpus-not-fetched",
    family: "environment",
    message: `${entry.id}: ${entry.registry} did not give ${entry.package} ${entry.version}: ${output.trim().slice(-500)}`,
    remedy: "check the network and that npm, python3 -m pip and mvn run here",
  });
}
