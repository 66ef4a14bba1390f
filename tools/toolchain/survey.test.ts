// What the doctor of the machine says: each gap with its line and cost, nothing about what is there already.
import { describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import { linuxBox, pinnedRust } from "./fixtures.ts";
import { surveyTable } from "./survey-table.ts";
import { surveyTargets, type SurveyRow } from "./survey.ts";
import type { HostFacts } from "./toolchain.ts";

function row(triple: string, facts: HostFacts): SurveyRow {
  const found = surveyTargets(
    targets.filter((target) => target.triple === triple),
    facts,
  )[0];
  if (found === undefined) throw new Error(`no target ${triple}`);
  return found;
}

describe("surveyTargets", () => {
  it("calls a target ready when nothing has to be fetched, with the versions of what was found", () => {
    const { state, found, missing } = row("x86_64-unknown-linux-gnu", linuxBox);
    expect({ state, missing }).toEqual({ state: "ready", missing: [] });
    expect(found.map(({ what, version }) => `${what} ${version}`)).toEqual([
      "rustc 1.95.0 (59807616e 2026-04-14)",
      "std of x86_64-unknown-linux-gnu 1.95.0",
      "zig 0.15.2",
    ]);
  });

  it("names the line and the cost of a std that the next run adds", () => {
    const { state, missing } = row("aarch64-unknown-linux-gnu", linuxBox);
    expect(state).toBe("fetches");
    expect(missing).toMatchObject([
      {
        effect: "fetched",
        install: "rustup target add aarch64-unknown-linux-gnu || rustup component add rust-src",
        cost: { basis: "measured" },
      },
    ]);
  });

  it("says that a target over stubs could have its platform's own SDK", () => {
    const ndk = row("aarch64-linux-android", linuxBox).missing.find(({ what }) => what === "Android NDK");
    expect(ndk).toMatchObject({
      effect: "optional",
      install: expect.stringContaining("sdkmanager") as unknown,
    });
  });

  it("asks rustup for nothing where the sources can stand in", () => {
    const rust = { ...pinnedRust, hasSource: true };
    const { state, found, missing } = row("aarch64-unknown-linux-gnu", { ...linuxBox, rust });
    expect({ state, missing }).toEqual({ state: "ready", missing: [] });
    expect(found).toContainEqual({ what: "sources of std", version: "1.95.0" });
  });

  it("names the distribution's compiler where that is the way to the std", () => {
    const rust = { ...pinnedRust, hasRustup: false, rustupTargets: [] };
    const version = "rustc 1.96.0 (0 2026-05-28)";
    const distribution = {
      program: "/usr/bin/rustc",
      version,
      commit: "0",
      sysroot: "/usr",
      hasSource: true,
    };
    const { state, found } = row("aarch64-unknown-linux-gnu", { ...linuxBox, rust, distribution });
    expect(state).toBe("ready");
    expect(found).toContainEqual({ what: "the distribution's rustc with sources of std", version: "1.96.0" });
  });

  it("offers an SDK's line for the system it is read on", () => {
    const lines = (platform: NodeJS.Platform, triple: string): string[] =>
      row(triple, { ...linuxBox, platform }).missing.map(({ install }) => install);
    expect(lines("linux", "i686-pc-windows-msvc").join()).toContain("--xwin-arch x86,");
    expect(lines("win32", "aarch64-pc-windows-msvc").join()).toContain("VC.Tools.ARM64");
    expect(lines("darwin", "aarch64-apple-darwin").join()).toContain("xcode-select --install");
    expect(lines("linux", "aarch64-apple-darwin").join()).toContain("OSXCROSS_ROOT");
    expect(lines("darwin", "aarch64-linux-android").join()).toContain("$HOME/Library/Android/sdk");
  });

  it("gathers what the slices of a joined target lack, each thing once", () => {
    const { missing } = row("universal-apple-darwin", linuxBox);
    expect(missing.filter(({ what }) => what.startsWith("macOS SDK"))).toHaveLength(1);
  });

  it("blocks every target where there is no Rust, and says what that costs", () => {
    const rows = surveyTargets(targets, { ...linuxBox, rust: undefined });
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["blocked"]));
    expect(rows[0]?.missing).toMatchObject([{ what: "Rust", effect: "blocks", cost: { download: 110 } }]);
  });

  it("on a bare machine names Rust and pip at once, each with a line that can be run", () => {
    const state = { kind: "absent", reason: "no pip", remedy: "apt-get install -y python3-pip" } as const;
    const bare = { ...linuxBox, rust: undefined, zig: { ...linuxBox.zig, state } };
    for (const { triple } of targets) {
      const { missing } = row(triple, bare);
      expect([triple, ...missing.map(({ what }) => what)]).toEqual([triple, "Rust", "pip"]);
      expect(missing[0]?.install).toMatch(/^curl .* && \. "\$HOME\/\.cargo\/env"$/);
    }
    expect(row("universal-apple-darwin", { ...bare, rust: linuxBox.rust }).missing).toMatchObject([
      { what: "pip", effect: "blocks", why: "no pip" },
    ]);
  });

  it("judges offline as a run would", () => {
    const rust = { ...pinnedRust, rustupTargets: [], hasSource: false };
    expect(row("aarch64-apple-darwin", { ...linuxBox, offline: true, rust }).state).toBe("blocked");
  });
});

describe("surveyTable", () => {
  it("gives each missing thing its install line with the cost below the target", () => {
    const text = surveyTable([row("aarch64-unknown-linux-gnu", linuxBox)]);
    expect(text).toMatch(
      /rustup target add aarch64-unknown-linux-gnu \|\| rustup component add rust-src {2}\(28 MB to fetch, 130 MB on disk, 8 s\)/,
    );
    expect(text).toMatch(/0 ready, 1 after fetching, 0 blocked$/);
  });
});
