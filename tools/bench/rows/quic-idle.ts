// Memory of an idle QUIC connection.
import { atMost, type Row } from "../row.ts";
import { oursIdle, publishedIdle } from "./idle-words.ts";

export const quicIdle: Row = {
  name: "quic-idle",
  title: "idle QUIC connection",
  placements: ["free"],
  rounds: 5,
  figures: [
    { key: "client_kb", title: "client", unit: "KB", aims: [atMost(0.7, "published")] },
    { key: "server_kb", title: "server", unit: "KB", aims: [atMost(0.7, "published")] },
  ],
  contestants: {
    ours: oursIdle({ transport: "quic", connections: 300, sessions: 0 }),
    published: publishedIdle({ transport: "quic", connections: 300, sessions: 0 }),
  },
};
