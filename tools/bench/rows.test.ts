// Every row works, with real servers, clients and loads: tiny counts, whose numbers mean nothing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { project } from "../../nnrp.project.ts";
import { systemProcess } from "../shared/process.ts";
import { measureRow } from "./measure.ts";
import { certificateWords } from "./peers.ts";
import { buildPrograms, executablesIn, type Programs } from "./programs.ts";
import { rows } from "./rows.ts";

/** Building what nothing has built before is what takes long. */
const buildLimitMs = 1_800_000;
const rowLimitMs = 1_800_000;

const folder = mkdtempSync(join(tmpdir(), "nnrp-bench-test-"));
const { signal } = new AbortController();
let programs: Programs;

beforeAll(async () => {
  programs = await buildPrograms(systemProcess, { root: project.root, release: false, signal });
  const [program = "", ...args] = certificateWords({ programs, folder });
  expect((await systemProcess.run({ program, args })).code).toBe(0);
}, buildLimitMs);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Memory is read from /proc.
const runnable = rows.filter(({ name }) => process.platform === "linux" || !/idle|deaf/.test(name));

test.for(runnable)("$name yields every figure of ours", { timeout: rowLimitMs }, async (row) => {
  const placement = { name: "free", prefix: [] } as const;
  const result = await measureRow(row, { programs, placement, folder, quick: true, signal });
  const missing = row.figures.filter(({ key }) => !Number.isFinite(result.medians.ours?.[key]));
  expect(missing).toEqual([]);
});

test("executables are read from cargo's messages, others passed over", () => {
  const messages = '{"reason":"x","executable":null}\n{"executable":"/a/b \\"c\\""}\nnoise\n';
  expect(executablesIn(messages)).toEqual(['/a/b "c"']);
});
