// How hosts load the package: one import in Node, by hand, out of a bundle, from a server; and what wrong ways get.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "vite";
import { browserProgram, reportOfPage } from "./browser.ts";
import { webModule, webPackage } from "./web-package.ts";

let user: string;

beforeAll(() => {
  user = mkdtempSync(join(tmpdir(), "nnrp-user-"));
  mkdirSync(join(user, "node_modules/@nnrp"), { recursive: true });
  cpSync(webPackage(), join(user, "node_modules/@nnrp/wasm"), { recursive: true });
  writeFileSync(join(user, "package.json"), '{ "private": true, "type": "module" }\n');
}, 600_000);

afterAll(() => rmSync(user, { recursive: true, force: true }));

/** What a program of a user prints. */
function printedBy(source: string): string {
  const file = join(user, "program.mjs");
  writeFileSync(file, source);
  return execFileSync(process.execPath, [file], { cwd: user, encoding: "utf8", timeout: 300_000 }).trim();
}

describe("in Node", () => {
  it("one import is enough", () => {
    const source = `import init, { nnrp_wasm_protocol_major, initSync } from "@nnrp/wasm";
      await init();
      try { initSync(new Uint8Array()); } catch (error) { console.log(nnrp_wasm_protocol_major(), error.code); }
      await init("x.wasm").catch((error) => console.log(error.code));`;
    expect(printedBy(source)).toBe("1 AlreadyInitialized\nAlreadyInitialized");
  });

  it("a host that loads by hand is told when it has not", () => {
    const source = `import { readFileSync } from "node:fs";
      import init, { decodeLine, initSync } from "@nnrp/wasm/manual";
      try { decodeLine("packet", new Uint8Array()); } catch (error) { console.log(error.code); }
      await init(new Uint8Array([1, 2, 3])).catch((error) => console.log(error.name));
      initSync(readFileSync(new URL(import.meta.resolve("@nnrp/wasm/nnrp_wasm.wasm"))));
      console.log(decodeLine("prelude", new Uint8Array()));`;
    expect(printedBy(source).split("\n")).toEqual([
      "NotInitialized",
      "CompileError",
      '{"i":0,"k":"prelude","n":0,"m":{"e":"SourceTooShort","expected":32,"actual":0}}',
    ]);
  });

  it("the module imports nothing", async () => {
    const module = await WebAssembly.compile(readFileSync(webModule()));
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });
});

describe("from a server", () => {
  let server: Server;
  let base: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/absent.wasm") response.writeHead(404).end();
      else {
        const type = request.url === "/typed.wasm" ? "application/wasm" : "application/octet-stream";
        response.writeHead(200, { "Content-Type": type }).end(readFileSync(webModule()));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  it.for(["/typed.wasm", "/untyped.wasm", "/absent.wasm"])(
    "%s is compiled, or said to be missing",
    async (path) => {
      // The server answers from this process, so the program must not block it.
      const source = `import init, { nnrp_wasm_protocol_major } from "@nnrp/wasm/manual";
      await init("${base}${path}").then(() => console.log(nnrp_wasm_protocol_major()), (error) => console.log(error.code));`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { cwd: user });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
      await new Promise((resolve) => child.once("close", resolve));
      expect(output.trim()).toBe(path === "/absent.wasm" ? "LoadFailed" : "1");
    },
  );
});

describe("out of a bundle", () => {
  it.skipIf(browserProgram() === undefined)(
    "a page finds the module that the bundler has copied (apt-get install chromium)",
    async () => {
      const entry = `import { decodeLine } from "@nnrp/wasm";
        await fetch("/report", { method: "POST", body: decodeLine("prelude", new Uint8Array(3)) });`;
      writeFileSync(join(user, "entry.js"), entry);
      const output = join(user, "bundle");
      await build({
        ...{ root: user, configFile: false, logLevel: "silent" },
        build: {
          ...{ outDir: output, target: "esnext", assetsInlineLimit: 0, minify: false },
          rolldownOptions: { input: join(user, "entry.js"), output: { entryFileNames: "entry.js" } },
        },
      });
      const report = await reportOfPage(output, 'import "/entry.js";', new Uint8Array());
      expect(JSON.parse(report)).toMatchObject({ k: "prelude", n: 3, m: { e: "SourceTooShort" } });
    },
    300_000,
  );
});
