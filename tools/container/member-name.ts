// Judges the names of members and the targets of links: would unpacking write outside its folder?
import { posix } from "node:path";
import type { MemberKind } from "./member.ts";
import { flaw, type Flaw, type StoredEntry } from "./stored-entry.ts";

/** Names that Windows gives to devices, whatever ending follows. */
const deviceName = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i;
const unwritable = /[\x00-\x1f<>:"|?*\\]/;

/** What is wrong with the name of an entry, and with where it links to. */
export function* nameFlaws(entry: StoredEntry): Generator<Flaw, void, void> {
  const { name, offset } = entry;
  if (isAbsolute(name)) yield flaw("name-absolute", offset, "the name is an absolute path", name);
  if (escapes(name)) yield flaw("name-escapes", offset, 'the name leads out of the folder by ".."', name);
  const part = name.split("/").find((candidate) => isUnportable(candidate));
  if (part !== undefined)
    yield flaw(
      "name-not-portable",
      offset,
      `Windows cannot write a file named ${JSON.stringify(part)}`,
      name,
    );
  if (entry.kind === "device") yield flaw("device", offset, "is a device, a pipe or a socket", name);
  if (entry.linkTarget !== undefined && linkEscapes(name, entry.kind, entry.linkTarget))
    yield flaw("link-escapes", offset, linkMessage(entry.linkTarget), name);
}

function linkMessage(target: string): string {
  const why = isAbsolute(target) ? "an absolute path" : "outside";
  return `links to ${JSON.stringify(target)}, ${why}`;
}

export function isAbsolute(name: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(name);
}

function escapes(name: string): boolean {
  return leadsOut(posix.normalize(name.replaceAll("\\", "/")));
}

function leadsOut(normalized: string): boolean {
  return normalized === ".." || normalized.startsWith("../");
}

/** A hard link names a member from the top of the archive, a symbolic link a path from its own folder. */
function linkEscapes(name: string, kind: MemberKind, target: string): boolean {
  if (isAbsolute(target)) return true;
  const path = target.replaceAll("\\", "/");
  return leadsOut(posix.normalize(kind === "hardlink" ? path : posix.join(posix.dirname(name), path)));
}

function isUnportable(part: string): boolean {
  if (part === "" || part === "." || part === "..") return false;
  return unwritable.test(part) || deviceName.test(part) || /[. ]$/.test(part);
}

/** Finds names that stand twice, and names that are one on systems that do not tell case. */
export class NameRegister {
  private readonly exact = new Set<string>();
  private readonly folded = new Map<string, string>();

  *add({ name, kind, offset }: StoredEntry): Generator<Flaw, void, void> {
    // A folder may be announced again before each of its files.
    if (kind === "directory") return;
    const path = posix.normalize(name);
    const folded = path.normalize("NFC").toLowerCase();
    const other = this.folded.get(folded);
    if (this.exact.has(path)) yield flaw("duplicate-name", offset, "the name stands twice", name);
    else if (other !== undefined)
      yield flaw("case-collision", offset, `is the same as ${other} where case does not count`, name);
    this.exact.add(path);
    this.folded.set(folded, name);
  }
}
