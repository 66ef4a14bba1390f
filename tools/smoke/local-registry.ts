// An npm registry on 127.0.0.1 with no way to any other: packages go in by `npm publish` and out by `npm install`.
import { createRequire } from "node:module";
import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Command, Process } from "../shared/process.ts";

export interface LocalRegistry {
  readonly url: string;
  /** Publishes a package file. */
  publish(tarball: string): Promise<void>;
  /** Runs npm in a folder with this registry and no other configuration. */
  npm(args: readonly string[], cwd: string): Promise<void>;
  stop(): Promise<void>;
}

const npmLimitMs = 120_000;

/** `directory` takes the storage, npm's configuration and npm's cache; the caller removes it. */
export async function startLocalRegistry(
  directory: string,
  process: Process,
  signal?: AbortSignal,
): Promise<LocalRegistry> {
  await mkdir(directory, { recursive: true });
  const server = await listen(directory);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const env = await npmEnvironment(directory, url, port);
  const npm = async (args: readonly string[], cwd: string): Promise<void> => {
    const command = { program: "npm", args, cwd, env, timeoutMs: npmLimitMs };
    await runNpm(process, command, signal);
  };
  return {
    url,
    npm,
    publish: (tarball) => npm(["publish", tarball, "--access", "public"], directory),
    stop: () => close(server),
  };
}

/** Without uplinks a package that was not published here does not exist. */
async function listen(directory: string): Promise<Server> {
  // CommonJS, and heavy: loaded when a registry is wanted.
  const require = createRequire(import.meta.url);
  const { runServer } = require("verdaccio") as typeof import("verdaccio");
  const configuration = {
    storage: join(directory, "storage"),
    configPath: join(directory, "config.yaml"),
    self_path: directory,
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$all" } },
    web: { enable: false },
    max_body_size: "500mb",
    log: { type: "stdout", format: "pretty", level: "fatal" },
  };
  const server = (await runServer(configuration)) as Server;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** npm refuses to publish without a token, whatever the registry thinks of it. */
async function npmEnvironment(
  directory: string,
  url: string,
  port: number,
): Promise<Record<string, string | undefined>> {
  const userConfig = join(directory, "npmrc");
  await writeFile(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=local\n`);
  return {
    ...withoutNpmConfig(),
    npm_config_userconfig: userConfig,
    npm_config_globalconfig: join(directory, "no-global-npmrc"),
    npm_config_cache: join(directory, "npm-cache"),
    npm_config_update_notifier: "false",
    npm_config_audit: "false",
    npm_config_fund: "false",
    HTTP_PROXY: undefined,
    HTTPS_PROXY: undefined,
    http_proxy: undefined,
    https_proxy: undefined,
  };
}

/** `npm run` hands its own settings on as variables, which would win over the file. */
function withoutNpmConfig(): Record<string, undefined> {
  const names = Object.keys(globalThis.process.env).filter((name) => /^npm_config_/i.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

async function runNpm(process: Process, command: Command, signal: AbortSignal | undefined): Promise<void> {
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code === 0) return;
  throw new ToolError({
    code: "npm-failed",
    family: "finding",
    message: `npm ${command.args.join(" ")} failed: ${exit.timedOut ? "time limit" : exit.stderr.trim()}`,
    remedy: "look at the npm package files in the packages folder",
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
