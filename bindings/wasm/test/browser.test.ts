// A page in headless Chromium: one import, the vectors decoded there, and a session with nnrp-echo over the page's own WebSocket.
import { describe, expect, it } from "vitest";
import * as nnrp from "../src/manual.ts";
import { browserProgram, reportOfPage } from "./browser.ts";
import { startEcho } from "./echo-peer.ts";
import { vectorCorpus } from "./vectors.ts";
import { webModuleBytes, webPackage } from "./web-package.ts";

/** Runs `body` after the import and reports what it returns, or what it throws. */
function pageScript(body: string): string {
  return `
    const report = (value) => fetch("/report", { method: "POST", body: value });
    try {
      const nnrp = await import("/nnrp_wasm.js");
      await report(await (async () => { ${body} })());
    } catch (error) {
      await report("failed: " + (error?.stack ?? error));
    }`;
}

const hasBrowser = browserProgram() !== undefined;
const why = hasBrowser ? "" : " (apt-get install chromium)";

describe.skipIf(!hasBrowser)(`a page${why}`, () => {
  it("decodes the vectors to the lines that Node gives", async () => {
    nnrp.initSync(webModuleBytes());
    const corpus = vectorCorpus();
    const script = pageScript(`
      const corpus = new Uint8Array(await (await fetch("/data")).arrayBuffer());
      return nnrp.decodeLines(corpus);`);
    expect(await reportOfPage(webPackage(), script, corpus)).toBe(nnrp.decodeLines(corpus));
  }, 600_000);

  it("speaks with nnrp-echo over its own WebSocket", async () => {
    const echo = await startEcho("nnrp+ws://127.0.0.1:0");
    try {
      const url = echo.endpoint.replace(/^nnrp\+ws:/, "ws:");
      const report = await reportOfPage(webPackage(), pageScript(sessionIn(url)), new Uint8Array());
      expect(JSON.parse(report)).toEqual({
        results: 20,
        bytes: 4 * 300_000 + 16 * 64,
        statuses: [200],
        dropped: 21,
        ended: "closed",
        closedCleanly: true,
      });
    } finally {
      await echo.stop();
    }
  }, 600_000);
});

/** Twenty bodies, four of them longer than a WebSocket's usual message, then a frame that is cancelled, then the close. */
function sessionIn(url: string): string {
  return `
    const socket = new WebSocket("${url}", "nnrp.1");
    const client = new nnrp.NnrpClient();
    const seen = { results: 0, bytes: 0, statuses: new Set() };
    const metadata = { payload_kind_bitmap: 2, payload_frame_count: 1 };
    const closed = nnrp.driveWebSocket(client, socket, {
      onEvent(event) {
        if (event.type === "sessionOpened") {
          for (let i = 0; i < 20; i += 1)
            client.submit(event.sessionId, new Uint8Array(i < 4 ? 300000 : 64).fill(i), { metadata });
        }
        if (event.type === "result") {
          const { frameId, sessionId, body, metadata: result } = event;
          if (!body.every((byte) => byte === frameId - 1)) throw new Error("another body came back");
          seen.results += 1;
          seen.bytes += body.length;
          seen.statuses.add(result.status_code);
          if (seen.results === 20) {
            const held = client.submit(sessionId, new Uint8Array(), {
              metadata: { ...metadata, latency_budget_ms: 0xec01 },
            });
            client.cancel(sessionId, held);
          }
        }
        if (event.type === "resultDropped") {
          seen.dropped = event.frameId;
          client.closeSession(event.sessionId);
        }
        if (event.type === "sessionEnded") {
          seen.ended = event.cause.reason;
          client.close();
        }
      },
    });
    client.openSession();
    const closedCleanly = await closed.then(() => true);
    return JSON.stringify({ ...seen, statuses: [...seen.statuses], closedCleanly });`;
}
