// Runs the doctor as a child under limits of time, memory and output, for tests.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entry = fileURLToPath(new URL("../doctor.ts", import.meta.url));

/** No input may make the doctor need more. */
const heapMegabytes = 1024;
/** Far above what any machine needs: only a loop takes so long. */
const longestMs = 300_000;

export interface DoctorRun {
  /** null where a limit ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process had, as the system counts it. */
  readonly peakBytes: number;
}

export interface DoctorPlace {
  /** Folder it is started in: this checkout, where none is named. */
  readonly folder?: string;
  /** Goes before the command, e.g. setpriv. */
  readonly wrapper?: readonly string[];
  readonly input?: string;
}

const peakMark = "peak KiB ";
const sayPeak = `data:text/javascript,${encodeURIComponent(
  `process.on("exit", () => process.stderr.write("\\n${peakMark}" + process.resourceUsage().maxRSS));`,
)}`;

export function runDoctor(
  args: readonly string[],
  { folder = root, wrapper = [], input = "" }: DoctorPlace = {},
): DoctorRun {
  const [program = "", ...rest] = [
    ...[...wrapper, process.execPath, `--max-old-space-size=${heapMegabytes}`],
    ...["--import", import.meta.resolve("tsx"), "--import", sayPeak, entry, ...args],
  ];
  const { status, stdout, stderr } = spawnSync(program, rest, {
    ...{ cwd: folder, encoding: "utf8", timeout: longestMs, maxBuffer: 2 ** 26, input },
    env: { ...process.env, NO_COLOR: "1" },
  });
  const [said = "", peak = "NaN"] = stderr.split(`\n${peakMark}`);
  return { status, stdout, stderr: said, peakBytes: Number(peak) * 1024 };
}
