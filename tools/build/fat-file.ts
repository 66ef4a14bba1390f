// Writes fat Mach-O files: the libraries of several processors one after another behind one header, as lipo does.
import type { Target } from "../matrix/target.ts";
import { ToolError } from "../shared/errors.ts";

export interface FatInput {
  readonly target: Target;
  /** A linked library or an archive for that target alone. */
  readonly bytes: Uint8Array;
}

const FAT_MAGIC = 0xcafebabe;
const MH_MAGIC_64 = 0xfeedfacf;
const headerBytes = 8;
const entryBytes = 20;
const archiveMagic = "!<arch>\n";

interface Architecture {
  readonly cpuType: number;
  readonly cpuSubtype: number;
  /** Page size of the processor's systems, as a power of two: slices are mapped from where they lie. */
  readonly alignment: number;
}

const architectures: Readonly<Record<string, Architecture>> = {
  x86_64: { cpuType: 0x0100_0007, cpuSubtype: 3, alignment: 12 },
  aarch64: { cpuType: 0x0100_000c, cpuSubtype: 0, alignment: 14 },
};

/** Slices are moved, not changed: each keeps the signature that its linker gave it. */
export function fatFile(inputs: readonly FatInput[]): Uint8Array {
  const slices = inputs.map(sliceOf).sort((left, right) => left.alignment - right.alignment);
  let end = headerBytes + slices.length * entryBytes;
  const placed = slices.map((slice) => {
    const offset = roundUp(end, 2 ** slice.alignment);
    end = offset + slice.bytes.length;
    return { ...slice, offset };
  });
  if (end > 0xffff_ffff) throw tooLarge(end);
  const file = Buffer.alloc(end);
  file.writeUInt32BE(FAT_MAGIC, 0);
  file.writeUInt32BE(placed.length, 4);
  for (const [index, { cpuType, cpuSubtype, offset, bytes, alignment }] of placed.entries()) {
    const fields = [cpuType, cpuSubtype, offset, bytes.length, alignment];
    fields.forEach((value, field) => file.writeUInt32BE(value, headerBytes + index * entryBytes + field * 4));
    file.set(bytes, offset);
  }
  return file;
}

function sliceOf({ target, bytes }: FatInput): Architecture & Pick<FatInput, "bytes"> {
  const architecture = architectures[target.cpu];
  if (architecture === undefined) throw notASlice(target, `no slice of a fat file is for ${target.cpu}`);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isArchive = file.toString("latin1", 0, archiveMagic.length) === archiveMagic;
  const isOfTarget =
    file.length >= 8 && file.readUInt32LE(0) === MH_MAGIC_64 && file.readUInt32LE(4) === architecture.cpuType;
  if (!isArchive && !isOfTarget) throw notASlice(target, "neither an archive nor a 64-bit Mach-O file of it");
  return { ...architecture, bytes };
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function notASlice(target: Target, problem: string): ToolError {
  return new ToolError({
    code: "not-a-fat-slice",
    family: "finding",
    message: `${target.triple} cannot be part of a fat file: ${problem}`,
    remedy: `build ${target.triple} again`,
  });
}

function tooLarge(bytes: number): ToolError {
  return new ToolError({
    code: "fat-file-too-large",
    family: "finding",
    message: `a fat file of ${bytes} bytes has offsets beyond 32 bits`,
    remedy: "ship the targets one by one",
  });
}
