// Servers and clients of those who are measured, behind the same two calls.
import { join } from "node:path";
import { LiveProcess } from "./live-process.ts";
import type { Contestant, Measured, Surroundings, Who } from "./row.ts";

export type Transport = "tcp" | "quic";

/** What a call of any of them does. */
export interface Exchange {
  readonly transport: Transport;
  readonly size: number;
  readonly inFlight: number;
  readonly count: number;
}

/** Messages when only the working is tried. */
const quickCount = 50;

/** A server of theirs and calls of theirs, one after the other. */
export async function contestant(
  who: Who,
  exchange: Exchange,
  surroundings: Surroundings,
): Promise<Contestant> {
  const server = live(serveWords(who, exchange, surroundings), surroundings);
  const uri = (await server.line()).replace("listening ", "");
  return {
    measure: () => call(callWords(who, exchange, uri, surroundings), surroundings),
    stop: () => (who === "ours" ? server.stop() : server.kill()),
  };
}

/** Our server alone, for loads that are no calls. */
export async function ourServer(
  transport: Transport,
  surroundings: Surroundings,
  options: readonly string[] = [],
): Promise<{ readonly server: LiveProcess; readonly uri: string }> {
  const exchange = { transport, size: 64, inFlight: 256, count: 1 };
  const server = live([...serveWords("ours", exchange, surroundings), ...options], surroundings);
  return { server, uri: (await server.line()).replace("listening ", "") };
}

export function publishedServer(transport: Transport, surroundings: Surroundings): LiveProcess {
  return live(
    serveWords("published", { transport, size: 64, inFlight: 4, count: 1 }, surroundings),
    surroundings,
  );
}

/** Starts a program where the row wants it. */
export function live(words: readonly string[], surroundings: Surroundings): LiveProcess {
  return new LiveProcess([...surroundings.placement.prefix, ...words], surroundings.signal);
}

/** Runs a program to its end; its one line is the measurement. */
export async function call(words: readonly string[], surroundings: Surroundings): Promise<Measured> {
  const program = live(words, surroundings);
  const line = await program.line();
  await program.finish();
  return JSON.parse(line) as Measured;
}

/** The certificate that all servers show; made once a run. */
export function certificateWords(surroundings: Pick<Surroundings, "programs" | "folder">): string[] {
  return [surroundings.programs.bench, "certificate", ...identity(surroundings.folder)];
}

export function trustWords(transport: Transport, folder: string): string[] {
  return transport === "quic" ? ["--ca", join(folder, "cert.der")] : [];
}

function identity(folder: string): string[] {
  return ["--cert", join(folder, "cert.der"), "--key", join(folder, "key.der")];
}

function serveWords(who: Who, exchange: Exchange, { programs, folder }: Surroundings): string[] {
  const { transport, size, inFlight } = exchange;
  const secure = transport === "quic" ? identity(folder) : [];
  const place = `${transport}://127.0.0.1:0`;
  switch (who) {
    case "ours":
      return [programs.echo, "serve", "--listen", `nnrp+${place}`, ...secure];
    case "published":
      return [programs.published, "serve", `nnrp+${place}`, "--window", String(inFlight), ...secure];
    case "floor":
      return [programs.bench, "serve", place, "--size", String(size), ...secure];
  }
}

function callWords(who: Who, exchange: Exchange, uri: string, surroundings: Surroundings): string[] {
  const { programs, folder, quick } = surroundings;
  const { transport, size, inFlight } = exchange;
  const count = quick ? quickCount : exchange.count;
  const load = ["--count", String(count), "--size", String(size)];
  const trust = trustWords(transport, folder);
  switch (who) {
    case "ours":
      // The certificate names localhost, and the servers listen on its address.
      return [
        programs.echo,
        "call",
        uri,
        ...load,
        ...["--in-flight", String(inFlight), "--json"],
        ...(transport === "quic" ? [...trust, "--server-name", "localhost"] : []),
      ];
    case "published":
      return [programs.published, "call", uri, ...load, "--window", String(inFlight), ...trust];
    case "floor":
      return [programs.bench, "call", uri, ...load, "--in-flight", String(inFlight), ...trust];
  }
}
