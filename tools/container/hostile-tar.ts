// Writes tar archives for tests, honest ones and each kind of hostile one.

export interface TarPart {
  readonly name: string;
  readonly content?: Buffer | string;
  /** The character that says what the entry is; a file without it. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  /** What the header says instead of the truth. */
  readonly claimedBytes?: number;
}

export function tarOf(parts: readonly TarPart[], end = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...parts.flatMap(tarPart), end]);
}

/** A line of a pax header; its length counts itself. */
export function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + String(rest.length).length).length;
  return `${rest.length + digits}${rest}`;
}

function tarPart(part: TarPart): Buffer[] {
  const content = Buffer.from(part.content ?? "");
  const header = Buffer.alloc(512);
  header.write(part.name, 0, 100);
  header.write(`${(part.mode ?? 0o644).toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${(part.claimedBytes ?? content.length).toString(8).padStart(11, "0")}\0`, 124);
  header.write("14000000000\0", 136);
  header.write(part.type ?? "0", 156);
  header.write(part.link ?? "", 157, 100);
  header.write("ustar\x0000", 257);
  header.write(" ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
