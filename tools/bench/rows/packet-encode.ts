// Encode of a 176-byte packet into a reused buffer.
import { programRow } from "../program-row.ts";
import { atMost } from "../row.ts";
import { codecWords } from "./codec-words.ts";

export const packetEncode = programRow({
  name: "packet-encode",
  title: "encode of a 176-byte packet into a reused buffer",
  figures: [{ key: "value", title: "", unit: "ns", aims: [atMost(1.2, "floor"), atMost(0.5, "published")] }],
  programs: codecWords("packet-encode"),
});
