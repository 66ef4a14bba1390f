// The job budget: cores and memory both limit it, and a container's limits count as much as the machine's.
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { jobsOf, memoryOfOneBuild, planJobs } from "./job-budget.ts";
import { machineLimits, type MachineLimits } from "./machine-limits.ts";

const gibibyte = 2 ** 30;
const nothingAsked = { jobs: undefined, memory: undefined };

function machine(cores: number, memory: number): MachineLimits {
  return { cores, memory, from: { cores: "processors", memory: "available memory" } };
}

function kernel(files: Readonly<Record<string, string>>): MachineLimits {
  return machineLimits((path) => files[path]);
}

describe("planJobs", () => {
  it("builds as many targets side by side as there are cores while memory lasts", () => {
    expect(planJobs(20, machine(8, 64 * gibibyte), nothingAsked)).toMatchObject({ parallel: 8, jobsEach: 1 });
  });

  it("gives the targets of a large machine several jobs each", () => {
    expect(planJobs(20, machine(64, 64 * gibibyte), nothingAsked)).toMatchObject({
      parallel: 20,
      jobsEach: 3,
    });
  });

  it("builds one target after the other where memory is for one only, with all cores", () => {
    const budget = planJobs(20, machine(8, memoryOfOneBuild * 1.9), nothingAsked);
    expect(budget).toMatchObject({ parallel: 1, jobsEach: 8 });
    expect(budget.reason).toContain("held back by memory");
  });

  it("still builds where there is less memory than one build is thought to need", () => {
    expect(planJobs(3, machine(4, 0), nothingAsked).parallel).toBe(1);
  });

  it("gives few targets all the jobs", () => {
    expect(planJobs(1, machine(8, 64 * gibibyte), nothingAsked)).toMatchObject({ parallel: 1, jobsEach: 8 });
  });

  it("never starts more jobs than were asked for", () => {
    for (const jobs of [1, 2, 3, 5, 16])
      for (const targets of [1, 4, 30]) {
        const { parallel, jobsEach } = planJobs(targets, machine(64, 999 * gibibyte), {
          jobs,
          memory: undefined,
        });
        expect(parallel * jobsEach).toBeLessThanOrEqual(jobs);
      }
  });

  it("gives the last targets the cores that others leave", () => {
    const budget = planJobs(26, machine(4, 64 * gibibyte), nothingAsked);
    expect([25, 5, 4, 3, 2, 1, 0].map((unstarted) => jobsOf(budget, unstarted))).toEqual([
      1, 1, 1, 2, 2, 4, 4,
    ]);
  });

  it("gives them no more than was asked for, than memory allows, or where all targets start at once", () => {
    const asked = planJobs(26, machine(4, 64 * gibibyte), { jobs: 4, memory: undefined });
    const tight = planJobs(26, machine(4, 2 * memoryOfOneBuild), nothingAsked);
    const few = planJobs(2, machine(4, 64 * gibibyte), nothingAsked);
    expect([asked, tight, few].map((budget) => jobsOf(budget, 0))).toEqual([1, 2, 2]);
  });

  it("takes --memory at its word", () => {
    const asked = { jobs: 8, memory: 2 * memoryOfOneBuild };
    expect(planJobs(20, machine(8, 64 * gibibyte), asked)).toMatchObject({ parallel: 2, jobsEach: 4 });
  });
});

describe("machineLimits", () => {
  it("reads what is available, not what is free", () => {
    const text = "MemTotal:       9000000 kB\nMemFree:          10 kB\nMemAvailable:    2048 kB\n";
    expect(kernel({ "/proc/meminfo": text })).toMatchObject({ memory: 2048 * 1024 });
  });

  it("obeys the memory limit of a container, without counting its file cache as used", () => {
    const limits = kernel({
      "/proc/meminfo": "MemAvailable:  99999999 kB\n",
      "/proc/self/cgroup": "0::/box/inner\n",
      "/sys/fs/cgroup/box/memory.max": "4000\n",
      "/sys/fs/cgroup/box/memory.current": "3000\n",
      "/sys/fs/cgroup/box/memory.stat": "anon 1\ninactive_file 2500\n",
      "/sys/fs/cgroup/box/inner/memory.max": "max\n",
      "/sys/fs/cgroup/box/inner/memory.current": "3000\n",
    });
    expect(limits).toMatchObject({ memory: 3500, from: { memory: "the container's memory limit" } });
  });

  it("obeys a processor quota, and never falls below one core", () => {
    const quota = (text: string): number =>
      kernel({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": text }).cores;
    expect(quota("100000 100000\n")).toBe(1);
    expect(quota("25000 100000\n")).toBe(1);
    expect(quota("max 100000\n")).toBe(availableParallelism());
  });

  it("obeys the limits of an old kernel's groups", () => {
    const limits = kernel({
      "/proc/meminfo": "MemAvailable:  99999999 kB\n",
      "/proc/self/cgroup": "4:memory:/job\n3:cpu,cpuacct:/job\n",
      "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": "5000\n",
      "/sys/fs/cgroup/memory/job/memory.usage_in_bytes": "1000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
    });
    expect(limits).toMatchObject({ memory: 4000, cores: 1 });
  });

  it("finds something on this machine", () => {
    const limits = machineLimits();
    expect(limits.cores).toBeGreaterThan(0);
    expect(limits.memory).toBeGreaterThan(0);
  });
});
