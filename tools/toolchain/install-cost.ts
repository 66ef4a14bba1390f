// What it costs to install a missing part of a toolchain, read from the data file that names the source of each figure.
import costs from "./data/install-costs.json" with { type: "json" };

export interface InstallCost {
  /** Megabytes. */
  readonly download: number;
  /** Megabytes. */
  readonly disk: number;
  readonly seconds: number;
  readonly basis: "measured" | "estimate";
  readonly source: string;
}

export type CostName = Exclude<keyof typeof costs, "about">;

export function installCost(name: CostName): InstallCost {
  const cost = costs[name];
  return { ...cost, basis: cost.basis === "measured" ? "measured" : "estimate" };
}

/** For people: "28 MB to fetch, 130 MB on disk, 8 s". */
export function costText({ download, disk, seconds, basis }: InstallCost): string {
  const about = basis === "estimate" ? "about " : "";
  const time = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${about}${size(download)} to fetch, ${size(disk)} on disk, ${time}`;
}

function size(megabytes: number): string {
  return megabytes < 1000 ? `${megabytes} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}
