// --offline, in a network namespace without any network: what is in the cache builds, what is not is named.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldersOf } from "../matrix/folders.ts";
import { project } from "../../nnrp.project.ts";
import { isIntact, zigFolder, zigRequirement } from "../toolchain/fetch-zig.ts";
import { tinyCheckout, type MatrixRun, type TinyCheckout } from "./tiny-checkout.ts";

const withoutNetwork = ["unshare", "-rn"];
const canIsolate = spawnSync("unshare", ["-rn", "true"]).status === 0;
const requirement = await zigRequirement();
const hasZig = await isIntact(zigFolder(foldersOf(project).cache, requirement.version), requirement);
const forbidSkips = process.env["FORBID_SKIPS"] === "1";

let folder: string;
let tiny: TinyCheckout;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "offline-"));
  tiny = tinyCheckout(join(folder, "checkout"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): MatrixRun {
  const common = ["--offline", "--until", "package", "--profile", "quick", "--output", join(folder, "out")];
  return tiny.matrix([...common, ...args], { wrapper: withoutNetwork, env });
}

describe.runIf(canIsolate || forbidSkips)("--offline (needs user namespaces)", { timeout: 600_000 }, () => {
  it.runIf(hasZig || forbidSkips)(
    "builds and packs what the cache holds (needs npm run matrix -- --target host, once)",
    () => {
      const { code, stdout, stderr } = run(["--target", "host"]);
      expect(code, stdout + stderr).toBe(0);
    },
  );

  it("names the missing zig and the line that fetches it, and tries nothing", () => {
    const { code, stdout } = run(["--target", "host"], { TINY_CACHE_DIR: join(folder, "empty cache") });
    expect(code).toBe(3);
    expect(stdout).toContain("--offline forbids fetching it");
    expect(stdout).toMatch(/to change that: npm run matrix -- --target \S+ \(once, with a network\)/);
  });

  it("names for every row of the table what an empty cache lacks, and fetches none of it", () => {
    const cache = join(folder, "no cache");
    const words = ["--offline", "--dry-run", "--all", "--json"];
    const { code, stdout, stderr } = tiny.matrix(words, {
      wrapper: withoutNetwork,
      env: { TINY_CACHE_DIR: cache },
    });
    expect(code, stdout + stderr).toBe(3);
    const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      targets: { triple: string; planned: boolean; reason: string }[];
    };
    const lacking = summary.targets.filter(({ planned }) => !planned);
    expect(lacking.length).toBeGreaterThan(20);
    for (const { triple, reason } of lacking)
      expect(reason, triple).toMatch(/is not in .* and --offline forbids fetching it/);
    expect(existsSync(cache)).toBe(false);
  });

  it("names the crates that cargo has not fetched, and the line that fetches them", () => {
    tiny.change("Cargo.toml", (text) => `${text}\n[dependencies]\nitoa = "=1.0.15"\n`);
    tiny.change("Cargo.lock", (text) => text.replace('version = "0.1.0"', `$&${lockedItoa}`) + itoa);
    const { code, stdout } = run(["--target", "host"], { CARGO_HOME: join(folder, "empty cargo") });
    expect(code, stdout).toBe(3);
    expect(stdout).toMatch(/--offline forbids fetching the crates .*itoa/);
    expect(stdout).toMatch(/fix: cargo fetch --locked --manifest-path \S+ \(once, with a network\)/);
  });
});

const lockedItoa = '\ndependencies = [\n "itoa",\n]';
const itoa = `
[[package]]
name = "itoa"
version = "1.0.15"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "4a5f13b858c8d314ee3e8f639011f7ccefe71f97f96e50151fb991f267928e2c"
`;
