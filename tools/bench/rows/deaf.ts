// Peers that submit without reading: the server stops taking, grows by no more than its queues, serves others, and answers all when they read.
import { ToolError } from "../../shared/errors.ts";
import { call, live, ourServer } from "../peers.ts";
import { atLeast, atMost, type Contestant, type Measured, type Row, type Surroundings } from "../row.ts";

const mebibyte = 1024 * 1024;

export const deaf: Row = {
  name: "deaf",
  title: "peers that submit 64 KiB bodies without reading",
  placements: ["free"],
  rounds: 1,
  figures: [
    {
      key: "taken_mib",
      title: "taken of one before backpressure",
      unit: "MiB",
      aims: [atMost(63, "itself")],
    },
    { key: "server_mib", title: "memory of the server for each", unit: "MiB", aims: [atMost(8, "itself")] },
    {
      key: "others",
      title: "exchanges of another peer meanwhile, of 1,000",
      unit: "",
      aims: [atLeast(1000, "itself")],
    },
    {
      key: "answered",
      title: "share answered when they read after all",
      unit: "",
      aims: [atLeast(1, "itself")],
    },
  ],
  contestants: { ours },
};

async function ours(surroundings: Surroundings): Promise<Contestant> {
  const { server, uri } = await ourServer("tcp", surroundings);
  const peers = surroundings.quick ? 1 : 8;
  return {
    measure: async () => {
      const before = await server.memory();
      const words = [surroundings.programs.bench, "deaf", uri.replace("nnrp+tcp://", "")];
      const load = live([...words, "--peers", String(peers), "--megabytes", "64"], surroundings);
      const { taken } = parsed(await load.line());
      const grown = (await server.memory()) - before;
      const others = await call(
        [surroundings.programs.echo, "call", uri, "--count", "1000", "--json"],
        surroundings,
      );
      load.goOn();
      const { submits, answers } = parsed(await load.line());
      await load.finish();
      return {
        taken_mib: (taken ?? 0) / peers / mebibyte,
        server_mib: grown / peers / mebibyte,
        others: others["results"] ?? 0,
        answered: (answers ?? 0) / (submits ?? 1),
      };
    },
    stop: () => server.stop(),
  };
}

function parsed(line: string): Measured {
  const object: unknown = JSON.parse(line);
  if (typeof object === "object" && object !== null) return object as Measured;
  throw new ToolError({
    code: "bench-failed",
    family: "finding",
    message: `the load printed ${line}`,
    remedy: "npm run bench -- --row deaf",
  });
}
