// The packed archive of this machine in the hands of CMake and pkg-config: built, run, and with the library that it says.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { project } from "../../nnrp.project.ts";
import { archiveStem } from "./package-target.ts";
import { has, host } from "./tally-fixture.ts";

const stem = archiveStem(project.name, project.version, host.triple);
const archive = join(project.root, "artifacts/packages", `${stem}.tar.gz`);
const source = join(project.root, "tests/package/cmake-consumer");
const programs = ["cc", "cmake", "pkg-config"];
const isPossible = existsSync(archive) && programs.every(has);
const install = `apt-get install gcc cmake pkg-config && npm run matrix -- --target ${host.triple}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "consumers-"));
  if (!isPossible) return;
  mkdirSync(join(folder, "odd fôlder"));
  execFileSync("tar", ["-xzf", archive, "-C", join(folder, "odd fôlder")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!isPossible)(`the archive of this machine (${install})`, { timeout: 300_000 }, () => {
  it("is found by CMake in the version that is asked for, and links shared and static", () => {
    const copy = join(folder, "source");
    mkdirSync(copy);
    for (const name of readdirSync(source)) copyFileSync(join(source, name), join(copy, name));
    const build = join(folder, "build");
    const [major, minor] = project.version.split(".");
    const options = [`-DCMAKE_PREFIX_PATH=${unpacked()}`, `-DWANTED_VERSION=${major}.${minor}`];
    execFileSync("cmake", ["-S", copy, "-B", build, ...options], { stdio: "pipe" });
    execFileSync("cmake", ["--build", build], { stdio: "pipe" });
    for (const program of ["with-shared", "with-static"]) expectThatItSpeaks(join(build, program));
    expect(needed(join(build, "with-shared"))).toContain(`[lib${project.crate.library}.so]`);
    expect(needed(join(build, "with-static"))).not.toContain(`lib${project.crate.library}`);
  });

  it("links by the words of pkg-config, shared and static", () => {
    const shared = join(folder, "shared");
    compile(shared, [...pkgConfig("--cflags", "--libs"), `-Wl,-rpath,${join(unpacked(), "lib")}`]);
    const whole = join(folder, "static");
    compile(whole, ["-Wl,-Bstatic", ...pkgConfig("--static", "--cflags", "--libs").map(onlyOursStatic)]);
    for (const program of [shared, whole]) expectThatItSpeaks(program);
    expect(needed(whole)).not.toContain(`lib${project.crate.library}`);
    expect(pkgConfig("--modversion")).toEqual([project.version]);
  });
});

/** The system's own libraries stay shared, as almost everybody links them. */
function onlyOursStatic(word: string): string {
  return word === `-l${project.crate.library}` ? `${word} -Wl,-Bdynamic` : word;
}

function compile(program: string, words: readonly string[]): void {
  const args = words.flatMap((word) => word.split(/ (?=-Wl)/));
  execFileSync("cc", [join(source, "main.c"), "-o", program, ...args], { stdio: "pipe" });
}

function expectThatItSpeaks(program: string): void {
  const said = JSON.parse(execFileSync(program, { encoding: "utf8" })) as { version: string; target: string };
  expect(said).toMatchObject({ version: project.version, target: host.triple });
}

function unpacked(): string {
  return join(folder, "odd fôlder", stem);
}

/** As a shell would split what pkg-config prints: backslashes protect spaces. */
function pkgConfig(...args: readonly string[]): string[] {
  const env = { ...process.env, PKG_CONFIG_PATH: join(unpacked(), "lib/pkgconfig") };
  const script = 'eval "set -- $(pkg-config "$@")"; for word; do printf "%s\\n" "$word"; done';
  const words = execFileSync("sh", ["-c", script, "sh", ...args, project.name], { env, encoding: "utf8" });
  return words.trim().split("\n");
}

function needed(program: string): string {
  return execFileSync("readelf", ["-d", program], { encoding: "utf8" });
}
