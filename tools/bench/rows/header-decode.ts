// Decoding of a common header.
import { programRow } from "../program-row.ts";
import { atMost } from "../row.ts";
import { codecWords } from "./codec-words.ts";

export const headerDecode = programRow({
  name: "header-decode",
  title: "header decode",
  figures: [{ key: "value", title: "", unit: "ns", aims: [atMost(1.2, "floor"), atMost(0.5, "published")] }],
  programs: codecWords("header-decode"),
});
