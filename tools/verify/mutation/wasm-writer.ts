// Adds sections to WebAssembly modules; shares no code with the reader.

const headerBytes = 8;
const sectionId = { custom: 0, type: 1, imports: 2 } as const;

export function leb(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

export function text(value: string): Buffer {
  return Buffer.concat([leb(value.length), Buffer.from(value, "latin1")]);
}

export function section(id: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id]), leb(content.length), content]);
}

/** The module with one more custom section at its end, and where the content of that begins. */
export function withCustomSection(file: Buffer, name: string): { bytes: Buffer; at: number } {
  const added = section(sectionId.custom, text(name));
  return { bytes: Buffer.concat([file, added]), at: file.length + added.length };
}

/**
 * The module with one more imported function, of type 0, behind the imports that it has, and where that is named. The
 * numbers of its own functions are then one too low, which no reader of tables minds.
 */
export function withImport(file: Buffer, module: string, name: string): { bytes: Buffer; at: number } {
  const functionKind = 0;
  const entry = Buffer.concat([text(module), text(name), Buffer.from([functionKind, 0])]);
  const start = endOfTypes(file);
  const old = importsAt(file, start);
  const imports = section(
    sectionId.imports,
    Buffer.concat([leb(old.count + 1), file.subarray(old.entries, old.end), entry]),
  );
  const at = start + imports.length - entry.length;
  return { bytes: Buffer.concat([file.subarray(0, start), imports, file.subarray(old.end)]), at };
}

/** Number of imports of the section that begins there, and the bytes of its entries; none where another section begins. */
function importsAt(file: Buffer, start: number): { count: number; entries: number; end: number } {
  if (start >= file.length || file.readUInt8(start) !== sectionId.imports)
    return { count: 0, entries: start, end: start };
  const size = readLeb(file, start + 1);
  const count = readLeb(file, size.end);
  return { count: count.value, entries: count.end, end: size.end + size.value };
}

function endOfTypes(file: Buffer): number {
  if (file.readUInt8(headerBytes) !== sectionId.type) throw new Error("the module does not begin with types");
  const size = readLeb(file, headerBytes + 1);
  return size.end + size.value;
}

function readLeb(file: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at += 1, shift += 7) {
    const byte = file.readUInt8(at);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}
