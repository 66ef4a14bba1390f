// Memory of connections that do nothing, read from outside: of the process that holds them and of their server.
import { live, ourServer, publishedServer, trustWords, type Transport } from "../peers.ts";
import type { LiveProcess } from "../live-process.ts";
import type { Contestant, Measured, Surroundings } from "../row.ts";

export interface Idle {
  readonly transport: Transport;
  readonly connections: number;
  /** Sessions beside the first, on each connection. */
  readonly sessions: number;
}

/** Time in which buffers go back and a burst's memory is given up. */
const settleMs = 2500;

export function oursIdle(idle: Idle): (surroundings: Surroundings) => Promise<Contestant> {
  return fresh(idle, async (surroundings) => {
    const { server, uri } = await ourServer(idle.transport, surroundings, ["--max-handshakes", "100000"]);
    const client = [surroundings.programs.bench, "idle", uri];
    return { server, client, stop: () => server.stop() };
  });
}

export function publishedIdle(idle: Idle): (surroundings: Surroundings) => Promise<Contestant> {
  return fresh(idle, async (surroundings) => {
    const server = publishedServer(idle.transport, surroundings);
    const uri = (await server.line()).replace("listening ", "");
    return { server, client: [surroundings.programs.published, "idle", uri], stop: () => server.kill() };
  });
}

interface Pair {
  readonly server: LiveProcess;
  readonly client: readonly string[];
  stop(): Promise<void>;
}

/** Both processes are new for each measurement: memory that was freed is not given back to the system. */
function fresh(
  idle: Idle,
  start: (surroundings: Surroundings) => Promise<Pair>,
): (surroundings: Surroundings) => Promise<Contestant> {
  return (surroundings) =>
    Promise.resolve({
      measure: async () => {
        const pair = await start(surroundings);
        const measured = await measure(idle, pair, surroundings);
        await pair.stop();
        return measured;
      },
      stop: () => Promise.resolve(),
    });
}

async function measure(idle: Idle, pair: Pair, surroundings: Surroundings): Promise<Measured> {
  const connections = surroundings.quick ? 3 : idle.connections;
  const counts = ["--connections", String(connections), "--sessions", String(idle.sessions)];
  const trust = trustWords(idle.transport, surroundings.folder);
  const client = live([...pair.client, ...counts, ...trust], surroundings);
  const look = async (): Promise<[number, number]> => {
    await client.line();
    await new Promise((resolve) => setTimeout(resolve, surroundings.quick ? 10 : settleMs));
    return [await client.memory(), await pair.server.memory()];
  };
  const warm = await look();
  client.goOn();
  const connected = await look();
  const each = (later: number, earlier: number, of: number): number => (later - earlier) / of / 1024;
  const figures = {
    client_kb: each(connected[0], warm[0], connections),
    server_kb: each(connected[1], warm[1], connections),
  };
  if (idle.sessions === 0) {
    await client.stop();
    return figures;
  }
  client.goOn();
  const further = await look();
  await client.stop();
  const sessions = connections * idle.sessions;
  return {
    ...figures,
    session_client_kb: each(further[0], connected[0], sessions),
    session_server_kb: each(further[1], connected[1], sessions),
  };
}
