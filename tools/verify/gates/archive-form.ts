// Gates: an `ar` archive is complete, and the same from every build.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

export const archiveThin: Gate = {
  id: "archive-thin",
  severity: "error",
  title: "the archive is thin: its members are not in it",
  explanation:
    "A thin archive holds paths of object files on the machine that wrote it. Nobody else has those.",
  fix: "write the archive without T (ar rcs, not ar rcsT)",
  *check({ facts: { content } }) {
    if (content.format === "archive" && content.flavour === "thin")
      yield violation({}, { section: "archive magic", offset: 0 }, "!<thin>");
  },
};

export const archiveMetadata: Gate = {
  id: "archive-metadata",
  severity: "warning",
  title: "the archive records who built it, and when",
  explanation:
    "Time and owner of each member differ from build to build, so nobody can prove what the archive was made from.",
  fix: "write archives deterministically (ar rcsD, llvm-ar's default, ZERO_AR_DATE=1)",
  *check({ facts: { content } }) {
    if (content.format !== "archive") return;
    const member = content.members.find(
      ({ modified, owner, group }) => !isNoTime(modified) || (owner ?? 0) !== 0 || (group ?? 0) !== 0,
    );
    if (member === undefined) return;
    const { modified = 0, owner = 0, group = 0 } = member;
    const value = `modified ${modified}, owner ${owner}, group ${group}`;
    yield { section: "member header", offset: member.headerOffset, value, member: member.name };
  },
};

/** Microsoft's librarian writes -1 where it is told to be deterministic. */
function isNoTime(modified: number | undefined): boolean {
  return modified === undefined || modified === 0 || modified === -1;
}

/** A function or two of libraries that many programs link already. */
const wellKnown: Readonly<Record<string, readonly string[]>> = {
  zlib: ["inflate", "deflate", "crc32", "adler32"],
  OpenSSL: ["SSL_new", "SSL_CTX_new", "EVP_DigestInit_ex"],
  SQLite: ["sqlite3_open", "sqlite3_exec"],
  libpng: ["png_create_read_struct"],
  libjpeg: ["jpeg_read_header"],
  expat: ["XML_ParserCreate"],
  curl: ["curl_easy_init"],
  mimalloc: ["mi_malloc"],
  jemalloc: ["je_malloc", "malloc_usable_size"],
  zstd: ["ZSTD_compress"],
  lz4: ["LZ4_compress_default"],
};

export const staticForeignSymbols: Gate = {
  id: "static-foreign-symbols",
  severity: "warning",
  title: "the archive defines the functions of a well-known library",
  explanation:
    "Engines and apps link their own copy: the link fails with duplicate symbols, or one copy silently takes the other's place, in another version.",
  fix: "prefix or localize the copy's symbols (objcopy --localize-symbols, ld -r -exported_symbols_list), or take the library from outside",
  *check({ facts, library, context }) {
    if (library.kind !== "static") return;
    for (const format of ["elf", "coff", "macho"] as const)
      for (const { member, object } of objectsOfFormat(facts, format))
        for (const symbol of object.symbols) {
          if (!symbol.defined || !symbol.visible || symbol.binding !== "global") continue;
          const owner = ownerOf(symbol.name);
          // A library may be that well-known one itself.
          if (
            owner !== undefined &&
            context.functions?.includes(symbol.name) !== true &&
            !isOwner(library.fileName, owner)
          )
            yield {
              section: "symbol table",
              offset: symbol.offset,
              value: `${symbol.name} of ${owner}`,
              ...(member === undefined ? {} : { member }),
            };
        }
  },
};

const owners: ReadonlyMap<string, string> = new Map(
  Object.entries(wellKnown).flatMap(([owner, names]) => names.map((name): [string, string] => [name, owner])),
);

function ownerOf(name: string): string | undefined {
  return owners.get(name);
}

const otherNames: Readonly<Record<string, readonly string[]>> = {
  zlib: ["libz"],
  OpenSSL: ["libssl", "libcrypto"],
};

function isOwner(fileName: string, owner: string): boolean {
  const name = fileName.toLowerCase();
  return [owner.toLowerCase(), ...(otherNames[owner] ?? [])].some((known) => name.includes(known));
}
