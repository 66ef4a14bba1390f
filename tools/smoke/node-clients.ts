// The client in Node: installed from a local registry into an empty folder and run by the Node of the platform.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackageFile } from "../package/package.ts";
import { installNodeClient } from "./node-client.ts";
import { chooseNode, hasNode } from "./node-program.ts";
import { withRunner } from "./opened-runner.ts";
import { resolveRunner } from "./resolve-runner.ts";
import { chooseNodeRunner, type Runner } from "./runner.ts";
import { runClient } from "./run-client.ts";
import { noResults, type ClientResults, type SmokeBench } from "./smoke-bench.ts";

export async function nodeClients(bench: SmokeBench): Promise<ClientResults> {
  const { packages, target } = bench.request;
  const rootPackage = packages.find((file) => file.kind === "npm-root");
  const platformPackage = packages.find((file) => file.kind === "npm-platform");
  if (rootPackage === undefined || platformPackage === undefined || !hasNode(target, bench.host))
    return noResults;
  const runner = await resolveRunner(bench, (machine) => chooseNodeRunner(target, machine));
  if (runner.kind === "impossible") return noResults;
  if (runner.kind === "missing") return skipped(runner);
  const node = await chooseNode({ ...bench.request, host: bench.host });
  if (node.kind === "impossible") return noResults;
  if (node.kind === "missing") return skipped(node);
  return runNode(bench, runner.runner, node.program, rootPackage, platformPackage);
}

function skipped(item: {
  readonly reason: string;
  readonly remedy: string;
  readonly transient: boolean;
}): ClientResults {
  const { reason, remedy, transient } = item;
  return { ...noResults, skipped: [{ client: "node", reason, remedy, ...(transient && { transient }) }] };
}

async function runNode(
  bench: SmokeBench,
  runner: Runner,
  node: string,
  rootPackage: PackageFile,
  platformPackage: PackageFile,
): Promise<ClientResults> {
  const { project, target, process, cCompiler, signal, onLine } = bench.request;
  const directory = join(bench.workDirectory, "node user");
  const registryDirectory = join(bench.workDirectory, "registry");
  onLine?.("node: install from a local registry into an empty folder");
  const client = await installNodeClient({
    project,
    target,
    process,
    rootPackage,
    platformPackage,
    directory,
    registryDirectory,
    ...(signal && { signal }),
  });
  await copyFile(join(bench.workDirectory, bench.scenario), join(directory, bench.scenario));
  const endpoint = await bench.endpoint();
  const run = await withRunner(bench, runner, cCompiler, (opened) =>
    runClient({
      ...opened,
      client: "node",
      argv: [node, client.program, "--scenario", bench.scenario, "--endpoint", endpoint],
      cwd: directory,
      library: client.library,
    }),
  );
  return { ...noResults, runs: [run] };
}
