// Command: a picture of the first screen of a report page, taken with a headless Chromium, for the README.
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, ToolError } from "./shared/errors.ts";
import { systemProcess } from "./shared/process.ts";

const usage = `usage: npx tsx tools/report-screenshot.ts [page.html] [picture.png] [--size WIDTHxHEIGHT]
Without arguments: artifacts/report/index.html, docs/report.png, 1180x1180.
`;
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const limitMs = 60_000;

await runEntry(async () => {
  const { values, positionals } = parseArgs({
    options: { size: { type: "string", default: "1180x1180" }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const root = join(import.meta.dirname, "..");
  const page = resolve(positionals[0] ?? join(root, "artifacts", "report", "index.html"));
  const picture = resolve(positionals[1] ?? join(root, "docs", "report.png"));
  if (!existsSync(page)) throw failed("no-page", `${page} does not exist`, "npm run matrix writes it");
  await takePicture(page, picture, values.size.replace("x", ","));
  process.stdout.write(`${picture}: ${(await stat(picture)).size} bytes\n`);
  return exitCodes.ok;
});

async function takePicture(page: string, picture: string, size: string): Promise<void> {
  const program = browsers.find((path) => existsSync(path));
  if (program === undefined) throw failed("no-browser", "no Chromium is here", "apt-get install chromium");
  const profile = await mkdtemp(join(tmpdir(), "browser-"));
  try {
    const quiet = ["--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking"];
    // Its own sandbox needs rights that containers lack; the page has no script and comes from this machine.
    const args = [
      "--headless",
      "--no-sandbox",
      ...quiet,
      `--user-data-dir=${profile}`,
      `--window-size=${size}`,
    ];
    const exit = await systemProcess.run({
      ...{ program, timeoutMs: limitMs, env: { TMPDIR: profile } },
      args: [...args, `--screenshot=${picture}`, pathToFileURL(page).href],
    });
    if (exit.code !== 0 || !existsSync(picture))
      throw failed(
        "no-picture",
        exit.stderr.trim().slice(-500),
        `run it by hand: ${program} ${args.join(" ")}`,
      );
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

function failed(code: string, message: string, remedy: string): ToolError {
  return new ToolError({ code, family: "environment", message, remedy });
}
