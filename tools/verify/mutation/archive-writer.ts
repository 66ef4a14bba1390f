// Finds and adds members of `ar` archives; shares no code with the reader.

const headerBytes = 60;

/** Where the content of the nth member begins, indexes and name tables counted too; BSD names are stepped over. */
export function memberContent(file: Buffer, nth: number): number {
  const at = memberHeader(file, nth);
  const name = file.toString("latin1", at, at + 16);
  return at + headerBytes + Number(/^#1\/(\d+)/.exec(name)?.[1] ?? 0);
}

export function memberHeader(file: Buffer, nth: number): number {
  let at = 8;
  for (let index = 0; index < nth; index += 1) at += headerBytes + evenSize(file, at);
  return at;
}

/** The archive with one more member; the index does not know it. */
export function withMember(
  file: Buffer,
  name: string,
  content: Buffer,
): { bytes: Buffer; contentAt: number } {
  const fields = [`${name}/`.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "644".padEnd(8)];
  const header = `${fields.join("")}${String(content.length).padEnd(10)}\`\n`;
  const padding = Buffer.from(content.length % 2 === 1 ? "\n" : "");
  const bytes = Buffer.concat([file, Buffer.from(header, "latin1"), content, padding]);
  return { bytes, contentAt: file.length + headerBytes };
}

/** The archive as `ar rcsT` writes it: indexes and name tables, and of each member the header alone. */
export function thinned(file: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from("!<thin>\n", "latin1")];
  for (let at = 8; at < file.length; at += headerBytes + evenSize(file, at)) {
    const isTable = /^\/\/? /.test(file.toString("latin1", at, at + 3));
    parts.push(file.subarray(at, at + headerBytes + (isTable ? evenSize(file, at) : 0)));
  }
  return Buffer.concat(parts);
}

function evenSize(file: Buffer, header: number): number {
  const size = Number(file.toString("latin1", header + 48, header + 58).trim());
  return size + (size % 2);
}
