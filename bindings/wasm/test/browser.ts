// A headless Chromium with one page: a server of its own for the page's files, and a place where the page reports to.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Undefined where none is installed; `apt-get install chromium` does that. */
export function browserProgram(): string | undefined {
  return browsers.find((path) => existsSync(path));
}

const limitMs = 120_000;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Opens a page that consists of `script`, with the files of `folder` beside it; returns what it reports. */
export async function reportOfPage(folder: string, script: string, data: Uint8Array): Promise<string> {
  const program = browserProgram();
  if (program === undefined) throw new Error("no Chromium is here: apt-get install chromium");
  const page = `<!doctype html><meta charset="utf-8"><script type="module">${script}</script>`;
  const server = createServer();
  const report = new Promise<string>((resolve) => {
    server.on("request", (request, response) => {
      void answer({ request, response, folder, page, data, resolve });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(tmpdir(), "nnrp-browser-"));
  const child = launch(program, profile, `http://127.0.0.1:${port}/`);
  try {
    return await Promise.race([report, lost(child)]);
  } finally {
    await ended(child);
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly folder: string;
  readonly page: string;
  readonly data: Uint8Array;
  readonly resolve: (report: string) => void;
}

async function answer({ request, response, folder, page, data, resolve }: Exchange): Promise<void> {
  const path = normalize(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
  if (request.method === "POST") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end();
    resolve(Buffer.concat(chunks).toString("utf8"));
  } else if (path === "/") {
    response.writeHead(200, { "Content-Type": types[".html"] }).end(page);
  } else if (path === "/data") {
    response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(data);
  } else if (existsSync(join(folder, path))) {
    const type = types[extname(path)] ?? "text/plain";
    response.writeHead(200, { "Content-Type": type }).end(readFileSync(join(folder, path)));
  } else {
    response.writeHead(404).end();
  }
}

/** Its own sandbox needs rights that containers lack; the page comes from this test. */
function launch(program: string, profile: string, url: string): ChildProcess {
  const quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  const args = ["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"];
  return spawn(program, [...args, ...quiet, `--user-data-dir=${profile}`, "--remote-debugging-port=0", url], {
    stdio: ["ignore", "ignore", "pipe"],
    // Chromium is a family of processes: ended together.
    detached: true,
    // Killed, it leaves the socket of the profile, which goes with the profile.
    env: { ...process.env, TMPDIR: profile },
  });
}

async function lost(child: ChildProcess): Promise<never> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString("utf8")));
  const why = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code) => resolve(`it ended with ${code ?? "a signal"}`));
    setTimeout(() => resolve(`no report within ${limitMs / 1000} s`), limitMs).unref();
  });
  throw new Error(`the page did not report: ${why}\n${errors.join("").slice(-3000)}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  process.kill(-child.pid, "SIGKILL");
  await exit;
}
