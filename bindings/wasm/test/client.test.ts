// The client of the package speaks with nnrp-echo over TCP: exchanges, endings, a resume, and what misuse gets.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Peer } from "../../../tools/smoke/peer.ts";
import * as nnrp from "../src/manual.ts";
import { connect, startEcho } from "./echo-peer.ts";
import { webModuleBytes } from "./web-package.ts";

let echo: Peer;

beforeAll(async () => {
  nnrp.initSync(webModuleBytes());
  echo = await startEcho("nnrp+tcp://127.0.0.1:0");
}, 600_000);

afterAll(() => echo.stop());

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const payload = { payload_kind_bitmap: 2, payload_frame_count: 1 };

describe("a client", () => {
  it("opens two sessions behind a hello, exchanges frames and ends them one by one", async () => {
    const link = await connect(echo.endpoint, new nnrp.NnrpClient());
    const { ack } = await link.next("helloAcknowledged");
    expect(ack.selected_version_major).toBe(1);
    const tickets = [link.client.openSession(), link.client.openSession({ priority_class: 0 })];
    const sessions = [await link.next("sessionOpened"), await link.next("sessionOpened")];
    expect(sessions.map(({ ticket }) => ticket)).toEqual(tickets);
    for (const [index, { sessionId }] of sessions.entries()) {
      const options = { metadata: payload, traceId: 77n, viewId: 3 };
      const frameId = link.client.submit(sessionId, text(`prompt ${index}`), options);
      expect(link.client.inFlight(sessionId)).toBe(1);
      const result = await link.next("result");
      expect(result).toMatchObject({ sessionId, frameId, metadata: { status_code: 200, result_class: 0 } });
      expect(new TextDecoder().decode(result.body)).toBe(`prompt ${index}`);
    }
    for (const { sessionId } of sessions) {
      link.client.closeSession(sessionId);
      const ended = await link.next("sessionEnded");
      expect(ended).toMatchObject({ sessionId, cause: { reason: "closed" } });
    }
    link.client.ping();
    expect((await link.next("pong")).roundTripMs).toBeGreaterThanOrEqual(0);
    link.client.probe(9, new Uint8Array(100));
    expect((await link.next("probeAcknowledged")).probeId).toBe(9);
    link.client.close();
    await link.closed;
    expect((await link.next("connectionEnded")).error).toBeUndefined();
    link.client.free();
  });

  it("speaks without a hello as published peers do, and hears flow updates and drops", async () => {
    const link = await connect(echo.endpoint, new nnrp.NnrpClient({ hello: false }));
    link.client.openSession({ requested_session_id: 42 });
    const { sessionId } = await link.next("sessionOpened");
    expect(sessionId).toBe(42);
    expect(errorOf(() => link.client.openSession()).code).toBe("OneSessionPerConnection");
    link.client.submit(sessionId, text("x"), { metadata: { ...payload, latency_budget_ms: 0xec03 } });
    for (const scope of [0, 1, 2]) {
      const { update, applied } = await link.next("flowUpdated");
      expect([update.scope_kind, applied]).toEqual([scope, true]);
    }
    await link.next("result");
    const held = link.client.submit(sessionId, text("y"), {
      metadata: { ...payload, latency_budget_ms: 0xec01 },
    });
    link.client.cancel(sessionId, held);
    expect((await link.next("resultDropped")).frameId).toBe(held);
    link.client.patchSession(sessionId, { patch_mask: 1, target_cadence_x100: 6000 });
    expect((await link.next("sessionPatched")).ack.applied_patch_mask).toBe(1);
    link.client.closeSession(sessionId);
    await link.next("sessionEnded");
    await link.closed;
  });

  it("is told why an open is refused", async () => {
    const link = await connect(echo.endpoint, new nnrp.NnrpClient());
    const ticket = link.client.openSession({ profile_id: 0xffff, schema_id: 0x1001, schema_version: 3 });
    const refused = await link.next("openRefused");
    expect(refused).toMatchObject({ ticket, ack: { session_error_code: 0x0001_0002 } });
    link.client.close();
    await link.closed;
  });

  it("carries a session on over another connection, and what was unanswered is answered there", async () => {
    const first = await connect(echo.endpoint, new nnrp.NnrpClient());
    first.client.openSession({ session_flags: 1 });
    const opened = await first.next("sessionOpened");
    expect(opened.resume.kind).toBe("enabled");
    const { sessionId } = opened;
    const metadata = { ...payload, latency_budget_ms: 0xec01 };
    const held = first.client.submit(sessionId, text("held"), { metadata });
    const answered = first.client.submit(sessionId, text("answered"), { metadata: payload });
    expect((await first.next("result")).frameId).toBe(answered);
    first.socket.destroy();
    const { cause, resumable } = await first.next("sessionEnded");
    expect(cause.reason).toBe("transportLost");
    if (resumable === undefined) throw new Error("the session cannot be resumed");
    expect(resumable).toMatchObject({ sessionId, unansweredFrameIds: [held], nextFrameId: answered + 1 });

    const second = await connect(echo.endpoint, new nnrp.NnrpClient());
    second.client.resumeSession(resumable);
    expect(errorOf(() => resumable.sessionId).code).toBe("ResumableSpent");
    const again = await second.next("sessionOpened");
    expect(again).toMatchObject({ sessionId, resume: { kind: "resumed" }, lostFrameIds: [] });
    second.client.cancel(sessionId, held);
    expect((await second.next("resultDropped")).frameId).toBe(held);
    expect(second.client.submit(sessionId, text("more"), { metadata: payload })).toBe(answered + 1);
    expect((await second.next("result")).frameId).toBe(answered + 1);
    second.client.close();
    await second.closed;
  });

  it("tells of a peer that speaks something else, and its promise rejects", async () => {
    const client = new nnrp.NnrpClient();
    client.receive(text("HTTP/1.1 400 Bad Request"));
    const last = client.events().at(-1);
    expect(last?.type === "connectionEnded" && last.error).toBeInstanceOf(nnrp.NnrpProtocolError);
    expect(errorOf(() => client.openSession()).code).toBe("ConnectionNotOpen");
    expect([client.isOver, client.wantsBytes, client.deadline()]).toEqual([true, false, undefined]);
    await Promise.resolve();
  });

  it("gives up when nobody answers, at the deadline that it names", () => {
    let now = 1000;
    const client = new nnrp.NnrpClient({ clock: () => now, timeouts: { open: 50 } });
    expect(client.transmit()?.length).toBeGreaterThan(40);
    expect(client.deadline()).toBe(1050);
    now = 1049;
    client.tick();
    expect(client.events()).toEqual([]);
    now = 1050;
    client.tick();
    const [ended] = client.events();
    expect(ended).toMatchObject({ type: "connectionEnded", error: { code: "TimedOut" } });
  });

  it("ends as lost when the stream stops inside a packet", () => {
    const client = new nnrp.NnrpClient({ hello: false });
    client.openSession();
    client.receive(nnrp.encodePacket({ type: "PING" }).subarray(0, 20));
    client.endOfStream();
    expect(client.events()).toMatchObject([
      { type: "openFailed", cause: { reason: "transportLost" } },
      { type: "connectionEnded", error: { code: "TruncatedPacket" } },
    ]);
  });
});

describe("misuse", () => {
  it("is told apart by codes", () => {
    const client = new nnrp.NnrpClient();
    client.endOfStream();
    expect(errorOf(() => client.receive(text("late"))).code).toBe("TransportEnded");
    client.free();
    for (const call of [() => client.events(), () => client.receive(text("x")), () => client.free()])
      expect(errorOf(call).code).toBe("ClientFreed");
    const wrong = [
      [() => new nnrp.NnrpClient({ limits: { bodyBytes: -1 } }), "InvalidOptions"],
      [() => new nnrp.NnrpClient({ hello: { max_version_major: 0 } }), "InvalidProtocolCombination"],
      [() => new nnrp.NnrpClient({ hello: { max_lane_count: 70_000 } }), "ValueOutOfRange"],
      [() => nnrp.initSync(webModuleBytes()), "AlreadyInitialized"],
      [() => nnrp.decodeLines(Uint8Array.of(1, 2)), "MalformedCorpus"],
      [() => nnrp.encodePacket({ type: "NOTHING" as "PING" }), "UnknownMessage"],
      [() => nnrp.encodePacket({ type: "PING", metadata: { x: 1 } as never }), "UnknownField"],
      [() => new nnrp.NnrpClient().submit(7, text("x")), "UnknownSession"],
      [() => new nnrp.NnrpClient().cancel(7, 1), "UnknownSession"],
      [() => new nnrp.NnrpClient().detachSession(7), "UnknownSession"],
    ] as const;
    for (const [call, code] of wrong) {
      const error = errorOf(call);
      expect(error).toBeInstanceOf(nnrp.NnrpError);
      expect(error.code, String(call)).toBe(code);
    }
  });

  it("of a host without types gets an error with a code, and the module goes on", () => {
    const client = new nnrp.NnrpClient();
    const ticket = client.openSession();
    const calls = [undefined, null, 7, "text", {}, [1, 2], new ArrayBuffer(40), new Uint16Array(40)].flatMap(
      (value) => {
        const bytes = value as Uint8Array;
        return [
          () => nnrp.decodePacket(bytes),
          () => nnrp.decodePackets(bytes),
          () => nnrp.decodeLines(bytes),
          () => nnrp.decodeLine("packet", bytes),
          () => client.receive(bytes),
          () => client.resumeSession(bytes as never),
          () => nnrp.encodePacket({ type: "PING", body: value === undefined ? (null as never) : bytes }),
        ];
      },
    );
    const more = [
      () => nnrp.encodePacket(null as never),
      () => nnrp.encodePacket({ type: "PING", header: 5 as never }),
      () => nnrp.encodePacket({ type: "FRAME_SUBMIT", metadata: 5 as never }),
      () => new nnrp.NnrpClient(5 as never),
      () => new nnrp.NnrpClient({ clock: 5 as never }),
      () => new nnrp.NnrpClient({ clock: () => Number.NaN }),
      () => client.tick(Number.POSITIVE_INFINITY),
      () => client.openSession(5 as never),
      () => client.submit(1, new Uint8Array(), 5 as never),
    ];
    for (const call of [...calls, ...more]) {
      const error = errorOf(call);
      expect(error, String(call)).toBeInstanceOf(nnrp.NnrpUsageError);
      expect(error.code, String(call)).toBe("WrongType");
    }
    for (const type of [Symbol("x"), "constructor"])
      expect(errorOf(() => nnrp.encodePacket({ type: type as never })).code).toBe("UnknownMessage");
    expect(client.openSession()).toBe(ticket + 1);
  });

  it("of the probe functions throws strings", () => {
    const thrown = [
      () => nnrp.selectTransportWithProbeJson("[", "[]", "auto", "[]"),
      () => nnrp.selectTransportWithProbeJson("[]", "[1]", "AUTO" as "auto", "[]"),
      () => nnrp.scoreProviderProbeJson('{"name":"x","version":"1","transport_id":2}', "auto", "[]"),
    ].map((call) => thrownBy(call));
    for (const words of thrown) expect(words).toBeTypeOf("string");
  });
});

function errorOf(action: () => unknown): nnrp.NnrpError {
  return thrownBy(action) as nnrp.NnrpError;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}
