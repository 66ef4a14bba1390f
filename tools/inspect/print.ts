// Turns facts into JSON, and into the few lines a person reads first.
import type { ArchiveFacts } from "./archive-facts.ts";
import type { ArtifactFacts, ObjectFacts } from "./facts.ts";
import type { MachOFacts } from "./macho-facts.ts";

/** JSON knows no 64-bit integers: addresses become strings such as "0x1000". */
export function factsAsJson(facts: readonly ArtifactFacts[]): string {
  return JSON.stringify(
    facts,
    (_key, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value),
    2,
  );
}

export function summaryLines(facts: ArtifactFacts): string[] {
  return [
    `${facts.path}: ${facts.bytes} bytes, sha256 ${facts.sha256}`,
    ...contentLines(facts.content).map((line) => `  ${line}`),
  ];
}

function contentLines(content: ArtifactFacts["content"]): string[] {
  if (content.format === "archive") return archiveLines(content);
  if (content.format !== "fat") return objectLines(content);
  return content.slices.flatMap((slice) => [
    `slice at 0x${slice.offset.toString(16)}, ${slice.bytes} bytes`,
    ...contentLines(slice.content).map((line) => `  ${line}`),
  ]);
}

function archiveLines(archive: ArchiveFacts): string[] {
  const kinds = new Map<string, number>();
  for (const { object } of archive.members) {
    const kind = object === undefined ? "no object" : `${object.format} ${object.cpu}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [
    `${archive.flavour} archive, ${archive.members.length} members, ${archive.index.length} indexed symbols`,
    ...[...kinds].map(([kind, count]) => `${count} × ${kind}`),
  ];
}

function objectLines(object: ObjectFacts): string[] {
  const head = `${object.format} ${object.bits}-bit ${object.cpu}`;
  switch (object.format) {
    case "elf":
      return [
        `${head} ${object.type.value}`,
        ...line("soname", object.dynamic?.soname?.value),
        ...line("needed", list(object.dynamic?.needed)),
        ...line("versions", object.versionNeeds.flatMap(({ versions }) => list(versions)).join(" ")),
        ...line("android api", object.androidApi?.value),
        ...line(
          "exports",
          list(object.symbols.filter(({ defined, visible }) => defined && visible).map(asValue)),
        ),
      ];
    case "pe":
      return [
        `${head} ${object.isDll.value ? "DLL" : "program"}, Windows ${object.minimumOsVersion.value}`,
        ...line("name", object.exportName?.value),
        ...line("imports", list(object.imports.map(({ library }) => library))),
        ...line("exports", list(object.exports)),
      ];
    case "macho":
      return [`${head} ${object.type.value}`, ...machOLines(object)];
    case "coff":
      return [head, ...line("symbols", object.symbols.length)];
    case "coff-import":
      return [`${head} of ${object.library.value}`, ...line("symbol", object.symbol.value)];
    case "wasm":
      return [
        `${head} ${object.kind}`,
        ...line("imports", object.imports.map(({ module, name }) => `${module}.${name}`).join(" ")),
        ...line("exports", list(object.exports)),
      ];
  }
}

function machOLines(object: MachOFacts): string[] {
  const { signature } = object;
  return [
    ...line("platform", `${object.platform.value} ${object.minimumOs?.value ?? ""}`.trim()),
    ...line("install name", object.installName?.value),
    ...line("dependencies", list(object.dependencies)),
    ...line(
      "signature",
      signature.kind === "none"
        ? "none"
        : `${signature.kind}, ${signature.pages} pages, ${signature.badPages.length} bad`,
    ),
    ...line("exports", list(object.exports)),
  ];
}

function asValue({ name }: { name: string }): { value: string } {
  return { value: name };
}

function list(values: readonly { readonly value: string }[] | undefined): string {
  return (values ?? []).map(({ value }) => value).join(" ");
}

function line(name: string, value: string | number | undefined): string[] {
  return value === undefined || value === "" ? [] : [`${name}: ${value}`];
}
