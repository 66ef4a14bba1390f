// Runs the doctor as a child under limits of time, memory and output, for tests.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** No input may make the doctor need more. */
const heapMegabytes = 1024;
const longestMs = 100_000;

export interface DoctorRun {
  /** null where a limit ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runDoctor(args: readonly string[]): DoctorRun {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${heapMegabytes}`, "--import", "tsx", "tools/doctor.ts", ...args],
    {
      cwd: root,
      encoding: "utf8",
      timeout: longestMs,
      maxBuffer: 2 ** 26,
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  return { status, stdout, stderr };
}
