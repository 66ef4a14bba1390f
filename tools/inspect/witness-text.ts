// What readelf and LLVM's tools print, turned into the values that the readers are compared with.

/** The second name of each import in COFF, which only some versions of llvm-nm list. */
export const importPointer = /^_?_imp_/;

/** "member:", in older versions "archive(member):" or "archive[member]:". */
const posixHeader = /^(?:.*[([])?([^\s()[\]]+?)[)\]]?:$/;

export interface Dynamic {
  readonly needed: (string | undefined)[];
  readonly soname: string | undefined;
  readonly runpath: (string | undefined)[];
  readonly bindNow: boolean;
  readonly textRelocations: boolean;
}

export function boundIn(text: string): Set<string> {
  const line = /^__\S+ +\S+ +0x[0-9A-F]+ .* (\S+)(?: \(.*\))?$/gm;
  return new Set([...text.matchAll(line)].map(([, name = ""]) => name.replace(/^_/, "")));
}

export function chainedIn(text: string): Set<string> {
  return new Set([...text.matchAll(/name_offset += .*\((_.*)\)/g)].map(([, name = ""]) => name.slice(1)));
}

export function loadsIn(text: string): bigint[][] {
  const line = /^ +LOAD +(0x\w+) (0x\w+) 0x\w+ 0x\w+ 0x\w+ .{3} (0x\w+)/gm;
  return [...text.matchAll(line)].map((match) => match.slice(1).map(BigInt));
}

export function stackIn(text: string): boolean | undefined {
  const flags = /^ +GNU_STACK +(?:0x\w+ ){5}(.{3})/m.exec(text)?.[1];
  return flags?.includes("E");
}

export function elfSymbolsIn(text: string): string[] {
  const line = /^ +\d+: \w+ +\w+ (\w+) +(GLOBAL|WEAK|UNIQUE) +\S+ +(\S+) ([^@\s]+)(?:@@?(\S+))?/gm;
  // Flags of the processor's own stand between visibility and section.
  return [...text.replaceAll(/\[[^\]\n]*\] /g, "").matchAll(line)]
    .filter(([, kind]) => kind !== "SECTION" && kind !== "FILE")
    .map(([, , binding, section, name, version]) =>
      [
        binding === "WEAK" ? "weak" : "global",
        section === "UND" ? "undefined" : "defined",
        name,
        version ?? "",
      ].join(" "),
    );
}

export function versionsIn(text: string): string[] {
  const found: string[] = [];
  let file = "";
  for (const [, library, name] of text.matchAll(/File: (\S+)|^ +0x\w+: +Name: (\S+) +Flags/gm)) {
    if (library !== undefined) file = library;
    else if (name !== undefined) found.push(`${file} ${name}`);
  }
  return found;
}

export function sectionsIn(text: string): string[] {
  const line = /^ +\[ *\d+\] (\S*) +[A-Z0-9x][\w<>:+]* +([0-9a-f]{8,16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) /gm;
  return [...text.matchAll(line)].map(([, name, ...numbers]) =>
    [name, ...numbers.map((value) => BigInt(`0x${value}`).toString(16))].join(" "),
  );
}

export function versionDefinitionsIn(text: string): (string | undefined)[] {
  const part = /Version definition section[^]*?(?=\n\n|\nVersion (?:needs|symbols)|$)/.exec(text)?.[0] ?? "";
  return [...part.matchAll(/Rev: \d+ .*Name: (\S+)/g)].map(([, name]) => name);
}

export function memberNamesIn(text: string): (string | undefined)[] {
  return text.split("\n").flatMap((line) => (posixHeader.test(line) ? [posixHeader.exec(line)?.[1]] : []));
}

export function symbolsByMember(text: string, prefixed: boolean): string[][] {
  const members: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (posixHeader.test(line)) members.push([]);
    const symbol = /^(\S+) (\w) /.exec(line);
    if (symbol === null) continue;
    const [, name = "", kind = ""] = symbol;
    if (importPointer.test(name)) continue;
    const plain = prefixed && name.startsWith("_") ? name.slice(1) : name;
    members.at(-1)?.push(`${plain} ${!/[Uwv]/.test(kind)}`);
  }
  return members.map((symbols) => symbols.sort());
}

export function indexIn(text: string): (string | undefined)[] {
  const map = text.slice(0, text.indexOf("\n\n"));
  return [...map.matchAll(/^(\S+) in /gm)].map(([, name]) => name).sort();
}

export function importsIn(text: string): string[][] {
  return [...text.matchAll(/^(?:Delay)?Import \{\n(.*?)^\}/gms)].map(([, body = ""]) => [
    /Name: (\S+)/.exec(body)?.[1] ?? "",
    // An import by number has no name.
    ...[...body.matchAll(/Symbol: (\S*) ?\((\d+)\)/g)].map(([, name, number = ""]) => name || `#${number}`),
  ]);
}

export function exportsIn(text: string): string[] {
  return (
    [...text.matchAll(/^Export \{\n(.*?)^\}/gms)]
      // An entry without address and name is a gap in the numbers.
      .filter(([, body = ""]) => !/Name: ?\n/.test(body) || !/RVA: 0x0\n/.test(body))
      .map(([, body = ""]) => {
        const ordinal = /Ordinal: (\d+)/.exec(body)?.[1] ?? "";
        const name = /Name: (\S+)/.exec(body)?.[1] ?? `#${ordinal}`;
        return [name, ordinal, /ForwardedTo: (\S+)/.exec(body)?.[1]].join(" ");
      })
      .sort()
  );
}

export function characteristicsIn(text: string): string | undefined {
  return [...text.matchAll(/Characteristics \[ \((0x\w+)\)/g)].at(-1)?.[1];
}

export function peSectionsIn(text: string): (string | number)[][] {
  const sections = text.slice(text.indexOf("\nSections ["));
  return [...sections.matchAll(/^ {2}Section \{\n(.*?)^ {2}\}/gms)].map(([, body = ""]) => [
    /Name: (\S*) \(/.exec(body)?.[1] ?? "",
    Number(/VirtualAddress: (\S+)/.exec(body)?.[1]),
    Number(/RawDataSize: (\S+)/.exec(body)?.[1]),
    Number(/Characteristics \[ \((0x\w+)\)/.exec(body)?.[1]),
  ]);
}

export function pdbIn(text: string): string | undefined {
  return /PDBGUID: (\{[^}]*\})/.exec(text)?.[1];
}

export function namesOf(headers: string, command: string): (string | undefined)[] {
  return [...headers.matchAll(new RegExp(`cmd ${command}\\s+cmdsize \\d+\\s+name (\\S+)`, "g"))].map(
    ([, name]) => name,
  );
}

export function dynamicIn(text: string): Dynamic {
  const all = (tag: string): (string | undefined)[] =>
    [...text.matchAll(new RegExp(`\\(${tag}\\).*\\[(.*)\\]`, "g"))].map(([, value]) => value);
  return {
    needed: all("NEEDED"),
    soname: all("SONAME")[0],
    runpath: all("RUNPATH"),
    bindNow: /\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*\bNOW\b|\(BIND_NOW\)/.test(text),
    textRelocations: /TEXTREL/.test(text),
  };
}
