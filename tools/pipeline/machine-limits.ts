// What this process may use of the machine: cores and memory, as the kernel, the container and the user limit them.
import { readFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";

export interface MachineLimits {
  readonly cores: number;
  /** Bytes that can be had now without swapping. */
  readonly memory: number;
  /** Which limit decided each, for the plan that people read. */
  readonly from: { readonly cores: string; readonly memory: string };
}

/** Text of a kernel file; undefined where there is none. */
export type ReadKernelFile = (path: string) => string | undefined;

export function machineLimits(read: ReadKernelFile = readKernelFile): MachineLimits {
  const groups = controlGroups(read);
  const cores = smallest([
    { value: availableParallelism(), from: "processors" },
    ...groups.flatMap((group) => coreQuota(group, read)),
  ]);
  const memory = smallest([
    { value: availableMemory(read), from: "available memory" },
    ...groups.flatMap((group) => memoryRoom(group, read)),
  ]);
  return {
    cores: Math.max(1, Math.floor(cores.value)),
    memory: Math.max(0, memory.value),
    from: { cores: cores.from, memory: memory.from },
  };
}

interface Limit {
  readonly value: number;
  readonly from: string;
}

function smallest(limits: readonly [Limit, ...Limit[]]): Limit {
  return limits.reduce((least, limit) => (limit.value < least.value ? limit : least));
}

/** MemAvailable counts caches that give way; free memory alone would starve every build. */
function availableMemory(read: ReadKernelFile): number {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(read("/proc/meminfo") ?? "")?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

interface ControlGroup {
  readonly version: 1 | 2;
  readonly controller: string;
  readonly folder: string;
}

/** The group of this process and all above it: a limit anywhere on the way counts. */
function controlGroups(read: ReadKernelFile): ControlGroup[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n");
  return lines.flatMap((line): ControlGroup[] => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (line === "") return [];
    const version = controllers === "" ? 2 : 1;
    const mount = version === 2 ? "/sys/fs/cgroup" : join("/sys/fs/cgroup", controllers);
    return withParents(path).map((part) => ({ version, controller: controllers, folder: join(mount, part) }));
  });
}

function withParents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, count) => parts.slice(0, count).join("/"));
}

function coreQuota({ version, controller, folder }: ControlGroup, read: ReadKernelFile): Limit[] {
  if (version === 1 && !controller.split(",").includes("cpu")) return [];
  const [quota, period] =
    version === 2
      ? (read(join(folder, "cpu.max")) ?? "").trim().split(" ")
      : [read(join(folder, "cpu.cfs_quota_us"))?.trim(), read(join(folder, "cpu.cfs_period_us"))?.trim()];
  const value = Number(quota) / Number(period);
  return value > 0 && Number.isFinite(value) ? [{ value, from: "the container's processor quota" }] : [];
}

/** What is left below the limit; file cache in the group gives way and is not counted as used. */
function memoryRoom({ version, controller, folder }: ControlGroup, read: ReadKernelFile): Limit[] {
  if (version === 1 && !controller.split(",").includes("memory")) return [];
  const [limitFile, usedFile] =
    version === 2 ? ["memory.max", "memory.current"] : ["memory.limit_in_bytes", "memory.usage_in_bytes"];
  const limit = numberIn(read(join(folder, limitFile)));
  const used = numberIn(read(join(folder, usedFile)));
  if (limit === undefined || used === undefined) return [];
  const cache = /^(?:total_)?inactive_file (\d+)$/m.exec(read(join(folder, "memory.stat")) ?? "")?.[1];
  return [{ value: limit - Math.max(0, used - Number(cache ?? 0)), from: "the container's memory limit" }];
}

/** "max", and the page-rounded 2^63 of version 1, mean no limit. */
function numberIn(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN);
  return Number.isFinite(value) && value < 2 ** 60 ? value : undefined;
}

function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
