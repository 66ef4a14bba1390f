// What to do about each kind of problem with an archive.
import type { ProblemCode } from "./member.ts";

const remedies: Readonly<Record<ProblemCode, string>> = {
  bomb: "do not unpack it; ask where it comes from",
  "case-collision": "rename one of the two: on Windows and macOS the later one overwrites the first",
  checksum: "build or fetch the archive again; it is damaged",
  device: "pack regular files, folders and links only",
  "duplicate-name": "pack each file once: programs differ in which of the two they take",
  encrypted: "pack it without a password",
  "link-escapes": "let links point inside the package only",
  "local-header": "pack it again: programs that read from the start see another archive",
  "name-absolute": "pack names that are relative to the package's top folder",
  "name-escapes": "do not unpack it; pack names without ..",
  "name-not-portable": "rename it so that every system can write it",
  overlap: "do not unpack it; an honest archive stores each member once",
  prefix: "remove what stands before the archive, or repack it",
  size: "pack it again: sizes and content do not fit together",
  "too-deep": "unpack the inner archive and look at it by itself",
  "too-large": "unpack it and look at the file by itself",
  "too-many": "split the package",
  trailing: "remove what stands behind the archive, or repack it",
  unreadable: "build or fetch it again; it is damaged, cut off, or may not be read by this user",
  unsupported: "pack it with a format that every installer reads: stored or deflated, plain files",
};

export function remedyOf(code: ProblemCode): string {
  return remedies[code];
}
