// Replays the steps of the smoke scenario that are about the wire with the unpacked package of the web, in Node over TCP; ../README.md has the contract.
//
// usage: node smoke.mjs --scenario FILE --endpoint URI --package DIR
// exit:  0 every step passed, 1 one failed, 2 usage or a scenario that cannot be read.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { close } from "./connection.mjs";
import { vocabulary } from "./steps.mjs";

const usage = "usage: node smoke.mjs --scenario FILE --endpoint URI --package DIR";

async function main() {
  const options = readOptions();
  const scenario = readScenario(options.scenario);
  const manifest = JSON.parse(readFileSync(join(options.package, "package.json"), "utf8"));
  const entry = pathToFileURL(resolve(options.package, manifest.exports["."].default));
  const nnrp = await import(entry.href);
  const library = resolve(options.package, manifest.exports["./nnrp_wasm.wasm"]);
  const run = {
    nnrp,
    scenario,
    library,
    endpoint: options.endpoint,
    connections: new Map(),
    sessions: new Map(),
  };
  const steps = [{ name: "module", do: "module", timeout_ms: 10_000 }, ...scenario.steps];
  let [passed, failed] = [0, 0];
  for (const step of steps) {
    const replayed = vocabulary[step.do];
    // Handles, URIs and servers are of the C ABI; a module without sockets has none of them.
    if (replayed === undefined) continue;
    if (await replay(step, () => replayed(run, step))) passed += 1;
    else failed += 1;
  }
  for (const connection of run.connections.values()) close(connection);
  print({ summary: { passed, failed, library } });
  process.stdout.write("", () => process.exit(failed === 0 ? 0 : 1));
}

/** Returns whether the step passed. */
async function replay(step, action) {
  const started = performance.now();
  const reason = await withLimit(step.timeout_ms, action);
  const ms = Math.round(performance.now() - started);
  print({ step: step.name, ok: reason === undefined, ms, ...(reason === undefined ? {} : { reason }) });
  return reason === undefined;
}

/** The reason of the failure, undefined if there is none. */
async function withLimit(limit, action) {
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
    if (values.scenario && values.endpoint && values.package) return values;
  } catch (error) {
    process.stderr.write(`smoke: ${error.message}\n`);
  }
  return quit(usage);
}

function readScenario(path) {
  try {
    const scenario = JSON.parse(readFileSync(path, "utf8"));
    if (scenario.format === 1) return scenario;
    return quit(`${path}: format ${scenario.format}, this runner reads 1`);
  } catch (error) {
    return quit(`${path} cannot be read as JSON: ${error.message}`);
  }
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function quit(message) {
  process.stderr.write(`smoke: ${message}\n`);
  process.exit(2);
}

await main();
