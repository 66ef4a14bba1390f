// Decode of a 176-byte packet, header and metadata.
import { programRow } from "../program-row.ts";
import { atMost } from "../row.ts";
import { codecWords } from "./codec-words.ts";

export const packetDecode = programRow({
  name: "packet-decode",
  title: "decode of a 176-byte packet, header and metadata",
  figures: [{ key: "value", title: "", unit: "ns", aims: [atMost(1.2, "floor"), atMost(0.5, "published")] }],
  programs: codecWords("packet-decode"),
});
