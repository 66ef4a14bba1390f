// The client of the web package: the unpacked package itself, in the Node that runs this, over a TCP socket of the client's own.
import { cp } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withRunner } from "./opened-runner.ts";
import { runClient } from "./run-client.ts";
import type { Runner } from "./runner.ts";
import { noResults, type ClientResults, type SmokeBench } from "./smoke-bench.ts";
import { unpack } from "./unpack.ts";

/** A module is code for every processor: Node executes it here. */
const inNode: Runner = {
  name: "native",
  claim: "executed",
  prefix: [],
  system: "posix",
  timeLimitMs: 180_000,
};

export async function webClients(bench: SmokeBench): Promise<ClientResults> {
  const { project, packages } = bench.request;
  const web = project.wasm?.npm;
  const packed = packages.find(({ kind }) => kind === "npm-web");
  if (project.wasm === undefined || web === undefined || packed === undefined) return noResults;
  const directory = join(bench.workDirectory, "web user");
  await unpack(packed.path, directory);
  const source = join(project.root, web.smokeProgram);
  await cp(dirname(source), directory, { recursive: true });
  await cp(join(bench.workDirectory, bench.scenario), join(directory, bench.scenario));
  const endpoint = await bench.endpoint();
  const program = [process.execPath, basename(source)];
  const run = await withRunner(bench, inNode, undefined, (opened) =>
    runClient({
      ...opened,
      client: "web",
      argv: [...program, "--scenario", bench.scenario, "--endpoint", endpoint, "--package", "package"],
      cwd: directory,
      library: join(directory, "package", `${project.wasm?.library ?? ""}.wasm`),
    }),
  );
  return { ...noResults, runs: [run] };
}
