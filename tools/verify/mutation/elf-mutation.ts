// Makes mutations of the ELF fixtures: a change in place, and where it must be reported.
import type { ExpectedEvidence, Mutation } from "./mutation.ts";
import { programHeaderIndex } from "./elf-writer.ts";

/** A mutation of the shared library in place. */
export function elf(
  gate: string,
  breaks: string,
  triple: string,
  change: (file: Buffer) => ExpectedEvidence,
  file = "libfixture.so",
): Mutation {
  return { gate, breaks, triple, file, apply: (bytes) => ({ evidence: change(bytes), bytes }) };
}

export function evidence(section: string, offset: number, value: string): ExpectedEvidence {
  return { section, offset, value };
}

export function segmentEvidence(file: Buffer, header: number, name: string, value: string): ExpectedEvidence {
  return evidence(`program header ${programHeaderIndex(file, header)} ${name}`, header, value);
}
