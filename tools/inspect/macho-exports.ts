// Reads the export trie of a linked Mach-O file: what dyld finds, whatever the symbol table says.
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import { uleb } from "./leb128.ts";
import { cName } from "./macho-symbols.ts";

interface Node {
  readonly at: number;
  readonly prefix: string;
}

export function readExportTrie(file: Cursor, offset: number, bytes: number): Located<string>[] {
  if (bytes === 0) return [];
  const trie = file.slice(offset, bytes, "export trie");
  const names: Located<string>[] = [];
  const seen = new Set<number>();
  const open: Node[] = [{ at: 0, prefix: "" }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    // A node with two parents would give one entry two names, and a cycle would give it endless ones.
    if (seen.has(node.at)) throw trie.malformed(node.at, "export trie: a node is reached twice");
    seen.add(node.at);
    const terminal = uleb(trie, node.at, "export trie");
    if (terminal.value > 0) names.push(exported(trie, node));
    open.push(...children(trie, node, terminal.end + terminal.value));
  }
  return names.sort((left, right) => (left.value < right.value ? -1 : 1));
}

function exported(trie: Cursor, node: Node): Located<string> {
  return { section: "export trie", offset: trie.base + node.at, value: cName(node.prefix) };
}

function children(trie: Cursor, node: Node, start: number): Node[] {
  const count = trie.u8(start, "export trie");
  const found: Node[] = [];
  let at = start + 1;
  while (found.length < count) {
    const edge = trie.string(at, "export trie edge");
    const target = uleb(trie, at + Buffer.byteLength(edge) + 1, "export trie");
    // Prefixes add up along a path, so their length counts as work.
    trie.spend(node.prefix.length, at, "export trie");
    found.push({ at: target.value, prefix: node.prefix + edge });
    at = target.end;
  }
  return found;
}
