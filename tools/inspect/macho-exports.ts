// Reads the export trie of a linked Mach-O file: what dyld finds, whatever the symbol table says.
import type { Cursor } from "./cursor.ts";
import { uleb, uleb64 } from "./leb128.ts";
import type { MachODependency, MachOExport } from "./macho-facts.ts";
import { libraryOf } from "./macho-libraries.ts";
import { cName } from "./macho-symbols.ts";

const kinds: readonly MachOExport["kind"][] = ["regular", "thread-local", "absolute"];
const weakDefinition = 4;
const reexport = 8;

interface Node {
  readonly at: number;
  readonly prefix: string;
}

/** Where a load command says the trie is. */
export interface TriePlace {
  readonly offset: number;
  readonly bytes: number;
}

export function readExportTrie(
  file: Cursor,
  { offset, bytes }: TriePlace,
  dependencies: readonly MachODependency[],
): MachOExport[] {
  if (bytes === 0) return [];
  const trie = file.slice(offset, bytes, "export trie");
  const names: MachOExport[] = [];
  const seen = new Set<number>();
  const open: Node[] = [{ at: 0, prefix: "" }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    // A node with two parents would give one entry two names, and a cycle would give it endless ones.
    if (seen.has(node.at)) throw trie.malformed(node.at, "export trie: a node is reached twice");
    seen.add(node.at);
    const terminal = uleb(trie, node.at, "export trie");
    if (terminal.value > 0)
      names.push({
        section: "export trie",
        offset: trie.base + node.at,
        value: cName(node.prefix),
        ...readTerminal(trie.slice(terminal.end, terminal.value, "export trie entry"), node, dependencies),
      });
    open.push(...children(trie, node, terminal.end + terminal.value));
  }
  return names.sort((left, right) => (left.value < right.value ? -1 : 1));
}

type Terminal = Omit<MachOExport, "section" | "offset" | "value">;

function readTerminal(entry: Cursor, node: Node, dependencies: readonly MachODependency[]): Terminal {
  const flags = uleb(entry, 0, "export flags");
  const kind = kinds[flags.value & 3] ?? "regular";
  const weak = (flags.value & weakDefinition) !== 0;
  if ((flags.value & reexport) === 0)
    return { kind, weak, address: uleb64(entry, flags.end, "export address").value };
  const ordinal = uleb(entry, flags.end, "export library");
  const own = entry.string(ordinal.end, "name of the export there");
  const name = own === "" ? cName(node.prefix) : cName(own);
  return { kind, weak, reexport: { library: libraryOf(dependencies, ordinal.value), name } };
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
