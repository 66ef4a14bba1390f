// The child of the fuzzer: damages files until its time is over, in a heap that is as small as the promise allows.
import { readFileSync, writeFileSync } from "node:fs";
import { damaged, generator } from "./damage.ts";
import { fieldDamages, fieldsOf, type Field } from "./field-damage.ts";
import { factsMemory, memoryFloor, memoryPerByte, misbehaviour } from "./survival.ts";

/** Fields of one meaning that are tried; most tables have thousands of the same. */
const fieldsPerMeaning = 8;
/** The heap is measured for one case in so many: collecting takes longer than reading. */
const measureEvery = 200;

interface Subject {
  readonly path: string;
  readonly bytes: Buffer;
  readonly fields: readonly Field[];
}

const [listPath = "", seedText = "1", secondsText = "10", casePath = ""] = process.argv.slice(2);
const random = generator(Number(seedText));
const subjects = readFileSync(listPath, "utf8").trim().split("\n").map(load);
const counts = { cases: 0, measured: 0, worstRatio: 0 };
const end = performance.now() + Number(secondsText) * 1000;

while (performance.now() < end) {
  const subject = subjects[Math.floor(random() * subjects.length)];
  if (subject === undefined) break;
  for (const bytes of damages(subject)) examine(subject, bytes);
}
process.stdout.write(`${JSON.stringify(counts)}\n`);

function load(path: string): Subject {
  const bytes = readFileSync(path);
  return { path, bytes, fields: fieldsOf(bytes, fieldsPerMeaning) };
}

function* damages({ bytes, fields }: Subject): Generator<Buffer, void, void> {
  const choice = random();
  const field = fields[Math.floor(random() * fields.length)];
  if (choice < 0.6 && field !== undefined) yield* fieldDamages(bytes, field);
  else if (choice < 0.8) yield damaged(bytes, random);
  else if (choice < 0.9) yield bytes.subarray(0, Math.floor(random() * bytes.length));
  else yield flipped(bytes);
}

function flipped(original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  for (let flips = 1 + Math.floor(random() * 64); flips > 0; flips -= 1) {
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return bytes;
}

/** The case is written down first: a heap that runs out ends the process without another word. */
function examine({ path }: Subject, bytes: Buffer): void {
  counts.cases += 1;
  const isMeasured = counts.cases % measureEvery === 0;
  writeFileSync(casePath, bytes);
  const wrong = misbehaviour(bytes) ?? (isMeasured ? wasted(bytes) : undefined);
  if (wrong === undefined) return;
  process.stdout.write(`${JSON.stringify({ path, wrong })}\n`);
  process.exit(1);
}

function wasted(bytes: Buffer): string | undefined {
  const memory = factsMemory(bytes);
  counts.measured += 1;
  counts.worstRatio = Math.max(counts.worstRatio, memory / (bytes.length + memoryFloor / memoryPerByte));
  return memory > memoryPerByte * bytes.length + memoryFloor
    ? `facts hold ${memory} bytes of a file of ${bytes.length}`
    : undefined;
}
