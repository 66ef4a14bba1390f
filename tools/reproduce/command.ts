// The command behind tools/reproduce.ts: arguments in, both builds, the differences explained, exit code out.
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { exitCodes, ToolError, type ExitCode } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import { compareFileSets } from "./compare.ts";
import { renderDifference, type Difference } from "./difference.ts";
import { buildTwice, type BuiltFiles } from "./twice.ts";

export interface ReproduceContext {
  readonly process: Process;
  readonly signal: AbortSignal;
  /** Project file of the checkout that this command belongs to. */
  readonly ownProject: string;
  /** The entry that builds. */
  readonly entry: string;
  readonly jobs: number;
  print(text: string): void;
  /** For what is worth seeing while it runs. */
  note(text: string): void;
}

interface ReproduceOptions {
  readonly target: string;
  readonly project?: string;
  readonly commit: string;
  readonly profile: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const manual = `
The two builds differ in: folder (name, length, letters), home, cargo's home, user name, time zone, locale,
file mode mask, and number of jobs. Libraries and packages are compared byte by byte; each difference is named from
the outside in: package, member, section or JSON path.

Exit status: 0 the same bytes, 1 they differ or a build failed, 2 wrong usage, 3 the target cannot be built here.
`;

export async function reproduceCommand(
  args: readonly string[],
  context: ReproduceContext,
): Promise<ExitCode> {
  const parsed = parse(args);
  if (parsed.kind === "help") {
    context.print(parsed.text);
    return exitCodes.ok;
  }
  const { options } = parsed;
  const place = await locate(resolve(options.project ?? context.ownProject), options.commit, context.process);
  if (place.isDirty)
    context.note(`${place.repository} has changes that are not committed; they take no part`);
  const triple = options.target === "host" ? hostTriple(thisHost()) : options.target;
  const [first, second] = await buildTwice({
    ...{ ...place, triple, profile: options.profile, offline: options.offline === true },
    ...{ jobs: context.jobs, entry: context.entry, process: context.process, signal: context.signal },
    onLine: (line) => context.note(line),
  });
  const differences = compareFileSets(first, second);
  context.print(
    options.json === true
      ? JSON.stringify(
          { triple, commit: place.commit, files: [...first.keys()].sort(), differences },
          null,
          2,
        )
      : render(triple, place.commit, first, differences),
  );
  return differences.length === 0 ? exitCodes.ok : exitCodes.finding;
}

interface Place {
  readonly repository: string;
  readonly projectFile: string;
  readonly commit: string;
  readonly isDirty: boolean;
}

async function locate(projectFile: string, commit: string, process: Process): Promise<Place> {
  if (!existsSync(projectFile)) throw usage(`project file ${projectFile} does not exist`);
  const git = async (...args: readonly string[]): Promise<string> => {
    const exit = await process.run({ program: "git", args: ["-C", dirname(projectFile), ...args] });
    if (exit.code !== 0) throw usage(`git ${args.join(" ")}: ${exit.stderr.trim()}`);
    return exit.stdout.trim();
  };
  const repository = await git("rev-parse", "--show-toplevel");
  return {
    repository,
    projectFile: relative(repository, projectFile),
    commit: await git("rev-parse", "--verify", `${commit}^{commit}`),
    isDirty: (await git("status", "--porcelain", "--untracked-files=no")) !== "",
  };
}

const shownDifferences = 40;

function render(
  triple: string,
  commit: string,
  files: BuiltFiles,
  differences: readonly Difference[],
): string {
  const head = `${triple} at ${commit.slice(0, 12)}`;
  if (differences.length === 0)
    return [
      `${head}: ${files.size} files, the same bytes twice`,
      ...[...files.keys()].map((name) => `  = ${name}`),
    ].join("\n");
  const places = `${differences.length} ${differences.length === 1 ? "place" : "places"}`;
  const shown = differences.slice(0, shownDifferences).map(renderDifference);
  const rest = differences.length - shown.length;
  return [
    `${head}: the two builds differ in ${places}`,
    ...shown,
    ...(rest > 0 ? [`and in ${rest} more`] : []),
  ].join("\n\n");
}

type Parsed =
  | { readonly kind: "run"; readonly options: ReproduceOptions }
  | { readonly kind: "help"; readonly text: string };

function parse(args: readonly string[]): Parsed {
  let text = "";
  const command = new Command("npm run reproduce --")
    .description("Builds one commit twice in different surroundings and compares the bytes.")
    .addOption(new Option("--target <triple>", '"host" is this machine').default("host"))
    .addOption(
      new Option("--project <file>", "module that exports another project; it must be in a git repository"),
    )
    .addOption(new Option("--commit <name>", "what to build").default("HEAD"))
    .addOption(new Option("--profile <name>").choices(["release", "quick"]).default("release"))
    .addOption(new Option("--offline", "fetch nothing"))
    .addOption(new Option("--json", "print the result as one JSON document"))
    .addHelpText("after", manual)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: () => undefined })
    .exitOverride();
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text };
    throw usage(error.message.replace(/^error: /, ""));
  }
  return { kind: "run", options: command.opts<ReproduceOptions>() };
}

function usage(message: string): ToolError {
  return new ToolError({
    ...{ code: "usage", family: "usage", message, remedy: "npm run reproduce -- --help" },
  });
}
