// Memory of an idle TCP connection and of a further session on it.
import { atMost, type Row } from "../row.ts";
import { oursIdle, publishedIdle } from "./idle-words.ts";

export const tcpIdle: Row = {
  name: "tcp-idle",
  title: "idle TCP connection",
  placements: ["free"],
  rounds: 5,
  figures: [
    { key: "client_kb", title: "client", unit: "KB", aims: [atMost(4, "itself")] },
    { key: "server_kb", title: "server", unit: "KB", aims: [atMost(6, "itself")] },
    { key: "session_client_kb", title: "further session, client", unit: "KB", aims: [atMost(1, "itself")] },
    { key: "session_server_kb", title: "further session, server", unit: "KB", aims: [atMost(1, "itself")] },
  ],
  contestants: {
    ours: oursIdle({ transport: "tcp", connections: 2000, sessions: 9 }),
    published: publishedIdle({ transport: "tcp", connections: 2000, sessions: 0 }),
  },
};
