// Replays the smoke scenario against the installed package @nnrp/native and prints one JSON line a step; ../README.md is the contract.
//
// usage: node smoke.mjs --scenario FILE --endpoint URI [--package DIR]
// exit:  0 every step passed, 1 one failed, 2 usage or a scenario that cannot be read.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { vocabulary } from "./steps.mjs";

const usage = "usage: node smoke.mjs --scenario FILE --endpoint URI [--package DIR]";

async function main() {
  const options = readOptions();
  const scenario = readScenario(options.scenario);
  const nnrp = await import(specifierOf(options.package));
  const run = { nnrp, scenario, endpoint: options.endpoint, connections: new Map(), sessions: new Map() };
  let failed = 0;
  for (const step of scenario.steps) failed += (await replay(run, step)) ? 0 : 1;
  const { abiVersion, abiHash, path } = nnrp.nativeLibrary();
  const passed = scenario.steps.length - failed;
  print({ summary: { passed, failed, abi_version: abiVersion, abi_hash: abiHash, library: path } });
  // A failed step may leave a connection behind, which would keep the process alive.
  process.stdout.write("", () => process.exit(failed === 0 ? 0 : 1));
}

/** Returns whether the step passed. */
async function replay(run, step) {
  const started = performance.now();
  const failure = await withLimit(step, () => vocabulary[step.do](run, step));
  const ms = Math.round(performance.now() - started);
  print({
    step: step.name,
    ok: failure === undefined,
    ms,
    ...(failure === undefined ? {} : { reason: failure }),
  });
  return failure === undefined;
}

/** The reason of the failure, undefined if there is none. */
async function withLimit({ timeout_ms: limit }, action) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished within ${limit} ms`)), limit);
  });
  try {
    await Promise.race([action(), late]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function readOptions() {
  try {
    const text = { type: "string" };
    const { values } = parseArgs({ options: { scenario: text, endpoint: text, package: text } });
    if (values.scenario !== undefined && values.endpoint !== undefined) return values;
  } catch (error) {
    process.stderr.write(`smoke: ${error.message}\n`);
  }
  return quit(usage);
}

function readScenario(path) {
  let scenario;
  try {
    scenario = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    return quit(`${path} cannot be read as JSON: ${error.message}`);
  }
  if (scenario.format !== 1) return quit(`${path}: format ${scenario.format}, this runner reads 1`);
  const unknown = scenario.steps.find((step) => !Object.hasOwn(vocabulary, step.do));
  if (unknown !== undefined) return quit(`${path}: step "${unknown.name}": unknown "do": ${unknown.do}`);
  return scenario;
}

/** The installed package by name, or the folder of one. */
function specifierOf(folder) {
  if (folder === undefined) return "@nnrp/native";
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return pathToFileURL(resolve(folder, exports["."].default)).href;
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function quit(message) {
  process.stderr.write(`smoke: ${message}\n`);
  process.exit(2);
}

await main();
