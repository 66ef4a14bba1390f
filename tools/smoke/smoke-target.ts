// Proves a target from its packages: unpacks them in an odd folder and lets clients in C and JavaScript replay the scenario.
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveStem } from "../package/package-target.ts";
import type { PackageFile } from "../package/package.ts";
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";
import { withPlaceNames } from "../shared/place-names.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import { cClients } from "./c-clients.ts";
import { thisHost } from "./host.ts";
import { proveLayouts } from "./layout-proof.ts";
import { limitsOf } from "./limits.ts";
import { nodeClients } from "./node-clients.ts";
import { buildPeer, startPeer, type Peer } from "./peer.ts";
import type { ClientResults, SmokeBench, SmokeRequest } from "./smoke-bench.ts";
import { unpack } from "./unpack.ts";
import { webClients } from "./web-client.ts";
import { libraryClaims, strongestClaim, type LayoutProof, type Verification } from "./verification.ts";

/** Failed runs are part of the result; it throws only when the stage itself cannot work. Also writes verification.json. */
export async function smokeTarget(request: SmokeRequest): Promise<Verification> {
  const archive =
    request.packages.find((file) => file.kind === "archive") ?? raise(noArchive(request.target));
  // As clients name it: the folder for temporary files may be behind a link.
  const temporary = await realpath(await mkdtemp(join(tmpdir(), "smoke-")));
  const peers: Peer[] = [];
  try {
    const bench = await setUp(request, archive, temporary, peers);
    const layouts = await proveLayouts(bench);
    const results = [await cClients(bench), await nodeClients(bench), await webClients(bench)];
    const verification = withPlaceNames(verificationOf(request, archive, results, layouts), bench.places);
    await writeWholeFile(
      join(request.directory, "verification.json"),
      `${JSON.stringify(verification, null, 2)}\n`,
    );
    return verification;
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await rm(temporary, { recursive: true, force: true });
  }
}

async function setUp(
  request: SmokeRequest,
  archive: PackageFile,
  temporary: string,
  peers: Peer[],
): Promise<SmokeBench> {
  const { project, target, directory } = request;
  const workDirectory = join(temporary, "unpacked hêre");
  const logs = join(directory, "logs");
  await mkdir(logs, { recursive: true });
  await unpack(archive.path, workDirectory);
  await copyFile(join(project.root, project.smoke.scenario), join(workDirectory, "scenario.json"));
  const logFile = join(logs, "smoke.log");
  await writeFile(logFile, "");
  let endpoint: Promise<string> | undefined;
  return {
    request,
    host: request.host ?? thisHost,
    packageDirectory: join(workDirectory, archiveStem(project.name, project.version, target.triple)),
    workDirectory,
    logFile,
    places: [{ folder: temporary, name: "$SMOKE" }, ...request.places],
    scenario: "scenario.json",
    endpoint: () => (endpoint ??= peerEndpoint(request, peers)),
  };
}

async function peerEndpoint(request: SmokeRequest, peers: Peer[]): Promise<string> {
  const { project, process, signal, onLine } = request;
  const options = { ...(signal && { signal }), ...(onLine && { onLine }) };
  const program = request.peerProgram ?? (await buildPeer(project, process, options));
  const peer = await startPeer(program, project.smoke.peer.uri, signal);
  peers.push(peer);
  return peer.endpoint;
}

function verificationOf(
  { target, packages }: SmokeRequest,
  archive: PackageFile,
  results: readonly ClientResults[],
  layouts: readonly LayoutProof[],
): Verification {
  const runs = results.flatMap((result) => result.runs);
  const hasAddon = packages.some(({ kind }) => kind === "npm-platform");
  return {
    triple: target.triple,
    claim: strongestClaim(runs),
    libraries: libraryClaims([...target.libraries, ...(hasAddon ? (["addon"] as const) : [])], runs),
    archiveSha256: archive.sha256,
    runs,
    links: results.flatMap((result) => result.links),
    ...(layouts.length === 0 ? {} : { layouts }),
    skipped: results.flatMap((result) => result.skipped),
    limits: [...results.flatMap((result) => result.limits), ...limitsOf(target, runs)],
  };
}

function noArchive(target: Target): ToolError {
  const message = `no archive of ${target.triple} to unpack`;
  return new ToolError({ code: "no-archive", family: "usage", message, remedy: "package the target first" });
}

function raise(error: Error): never {
  throw error;
}
