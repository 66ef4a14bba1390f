// Installs the npm packages from a registry of our own into an empty folder, as a user would, and names the addon in it.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Target } from "../matrix/target.ts";
import type { PackageFile } from "../package/package.ts";
import { platformPackageName } from "../package/npm-names.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";
import { startLocalRegistry } from "./local-registry.ts";

export interface InstallRequest {
  readonly project: Project;
  readonly target: Target;
  readonly process: Process;
  readonly rootPackage: PackageFile;
  readonly platformPackage: PackageFile;
  /** Empty folder for the user's project. */
  readonly directory: string;
  /** Folder for the registry. */
  readonly registryDirectory: string;
  readonly signal?: AbortSignal;
}

export interface InstalledNodeClient {
  /** The smoke program, beside node_modules. */
  readonly program: string;
  /** The addon in node_modules. */
  readonly library: string;
}

export async function installNodeClient(request: InstallRequest): Promise<InstalledNodeClient> {
  const { project, directory } = request;
  await mkdir(directory, { recursive: true });
  await writeFile(
    join(directory, "package.json"),
    '{ "name": "smoke", "private": true, "type": "module" }\n',
  );
  await install(request);
  const source = join(project.root, project.smoke.nodeProgram);
  await cp(dirname(source), directory, { recursive: true });
  return { program: basename(source), library: await addonPath(request) };
}

async function install(request: InstallRequest): Promise<void> {
  const { project, directory, process, registryDirectory, signal } = request;
  const registry = await startLocalRegistry(registryDirectory, process, signal);
  try {
    await registry.publish(request.platformPackage.path);
    await registry.publish(request.rootPackage.path);
    await registry.npm(["install", ...platformOptions(request.target), project.node.package], directory);
  } finally {
    await registry.stop();
  }
}

/** npm picks the platform package as it would on that platform. */
function platformOptions({ node }: Target): string[] {
  if (node === undefined) return [];
  const libc = node.libc === undefined ? [] : [`--libc=${node.libc}`];
  return [`--os=${node.os}`, `--cpu=${node.cpu}`, ...libc];
}

async function addonPath({ project, target, directory }: InstallRequest): Promise<string> {
  if (target.node === undefined) throw new Error(`${target.triple} has no Node platform`);
  const name = platformPackageName(project.node.package, target.node);
  const folder = join(directory, "node_modules", name);
  const { main } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { main: string };
  return join(folder, main);
}
