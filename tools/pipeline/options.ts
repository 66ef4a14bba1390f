// The command line of the matrix: commander's declarations, which are also the manual.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ProfileName } from "../build/profile.ts";
import type { Selection } from "../matrix/select.ts";
import type { Step } from "../shared/progress.ts";
import { usageErrorOf } from "../shared/usage-error.ts";
import type { StdChoice } from "../toolchain/toolchain.ts";

export interface MatrixOptions {
  readonly selection: Selection;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** Processes at a time; undefined: what the machine or the container allows. */
  readonly jobs: number | undefined;
  /** Bytes that all builds together may use; undefined: what is available now. */
  readonly memory: number | undefined;
  readonly keepGoing: boolean;
  /** A client that could have run here, had something been installed, is an error. */
  readonly forbidSkips: boolean;
  readonly offline: boolean;
  /** Where the Rust std may come from. */
  readonly std: StdChoice;
  readonly provision: "system" | undefined;
  readonly profile: ProfileName;
  /** The last stage to run for each target. */
  readonly until: Step;
  /** File that exports the project; undefined: the checkout's own. */
  readonly project: string | undefined;
  /** Folder for everything a run writes; undefined: artifacts/ in the project. */
  readonly output: string | undefined;
  /** Report of the release to compare sizes with. */
  readonly previous: string | undefined;
}

const manual = `
What happens, for every target that this machine can build:
  prepare   fetch what a plain user account can, once, into a cache folder: zig through
            your own pip (hash-checked), a Rust std through rustup; each is announced
  build     the shared and the static library and the Node addon, the host's own first
  inspect   read the files back, byte by byte
  verify    exports, imports, oldest system, names, page sizes, traces of this machine
  package   archives and npm packages, the same bytes on every machine
  smoke     run the unpacked package: natively, under qemu or under Wine; what cannot run
            here is said to be "structural", never "executed"

Without --target, --family or --all, targets that cannot be built here are reported with the
one line that would change it, and are no error.

Examples:
  npm run matrix                                     everything that can be built here
  npm run matrix -- --dry-run                        the plan, with every command
  npm run matrix -- --target host                    this machine's own target
  npm run matrix -- --target aarch64-apple-darwin --target aarch64-linux-android
  npm run matrix -- --family linux-musl --keep-going
  npm run matrix -- --all --provision system         what only root can: emulators, ...
  npm run matrix -- --target host --until package    build and pack, run nothing
  npm run matrix -- --target host --std build        the Rust std from its sources: smaller archives
  npm run matrix -- --project path/to/x.project.ts   the libraries of another crate

Files (--output names another folder than artifacts/):
  artifacts/<triple>/     libraries, artifact.json, facts, findings, verification.json, build.log
  artifacts/packages/     what users download
  artifacts/report/       index.html, report.json, report.md

Exit status:
  0  everything buildable was built, verified and packaged
  1  a compile or link failure, or a finding
  2  wrong usage, or an input that cannot be read
  3  something asked for by --target, --family or --all cannot be built here,
     or by --forbid-skips cannot run here
  130  interrupted
`;

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: MatrixOptions }
  /** Help was asked for; this is its text. */
  | { readonly kind: "help"; readonly text: string };

export function parseOptions(args: readonly string[]): ParsedOptions {
  const command = declare();
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: helpText(command) };
    throw usageErrorOf(error, command, args);
  }
  return { kind: "run", options: optionsOf(command.opts()) };
}

function declare(): Command {
  return new Command("npm run matrix --")
    .description("Builds, inspects, verifies, packages and runs the libraries of every target.")
    .addOption(new Option("--all", "all targets; one that cannot be built here is an error"))
    .addOption(
      new Option("--target <triple>", 'this target; repeatable; "host" is this machine')
        .argParser(collect)
        .default([], "none"),
    )
    .addOption(
      new Option("--family <family>", "all targets of a family, e.g. linux-gnu; repeatable")
        .argParser(collect)
        .default([], "none"),
    )
    .addOption(new Option("--dry-run", "print the plan with all commands and change nothing"))
    .addOption(new Option("--json", "events as one JSON object a line; the last line is the summary"))
    .addOption(
      new Option(
        "--jobs <n>",
        "processes at a time (default: one for each core that this process may use)",
      ).argParser(positive),
    )
    .addOption(
      new Option(
        "--memory <size>",
        "what all builds together may use, e.g. 6G (default: what is available now)",
      ).argParser(byteSize),
    )
    .addOption(new Option("--keep-going", "build the other targets after one has failed"))
    .addOption(
      new Option("--forbid-skips", "a run that is skipped because an emulator is missing is an error"),
    )
    .addOption(new Option("--offline", "fetch nothing; use what is in the cache"))
    .addOption(
      new Option(
        "--std <way>",
        "the Rust std: auto (installed, else rustup, else from sources), or one way alone; build halves archives",
      )
        .choices(["auto", "installed", "rustup", "build"])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--provision <kind>",
        "system: install emulators, loaders and the distribution's Rust with apt-get, as root, after naming them",
      ).choices(["system"]),
    )
    .addOption(
      new Option("--profile <name>", "release, or quick: little optimisation, for a fast look")
        .choices(["release", "quick"])
        .default("release"),
    )
    .addOption(
      new Option("--until <stage>", "the last stage to run for each target")
        .choices(["build", "inspect", "verify", "package", "smoke"])
        .default("smoke"),
    )
    .addOption(new Option("--project <file>", "module that exports another project than this checkout's"))
    .addOption(new Option("--output <folder>", "write there instead of artifacts/").argParser(folderName))
    .addOption(
      new Option("--previous <file>", "report.json of the last release: sizes are shown with the difference"),
    )
    .addHelpText("after", manual)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .exitOverride();
}

interface RawOptions {
  readonly all?: boolean;
  readonly target: readonly string[];
  readonly family: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly jobs?: number;
  readonly memory?: number;
  readonly keepGoing?: boolean;
  readonly forbidSkips?: boolean;
  readonly offline?: boolean;
  readonly std: StdChoice;
  readonly provision?: "system";
  readonly profile: ProfileName;
  readonly until: Step;
  readonly project?: string;
  readonly output?: string;
  readonly previous?: string;
}

function optionsOf(raw: RawOptions): MatrixOptions {
  return {
    selection: { all: raw.all ?? false, targets: raw.target, families: raw.family },
    dryRun: raw.dryRun ?? false,
    json: raw.json ?? false,
    jobs: raw.jobs,
    memory: raw.memory,
    keepGoing: raw.keepGoing ?? false,
    forbidSkips: raw.forbidSkips ?? false,
    offline: raw.offline ?? false,
    std: raw.std,
    provision: raw.provision,
    profile: raw.profile,
    until: raw.until,
    project: raw.project,
    output: raw.output,
    previous: raw.previous,
  };
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** What an unset shell variable leaves would be the root of the checkout. */
function folderName(value: string): string {
  if (value === "") throw new InvalidArgumentError("the name of a folder is needed");
  return value;
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("a whole number from 1 on is needed");
  return number;
}

const unitBytes = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

function byteSize(value: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([KMG])(?:i?B)?$/i.exec(value) ?? [];
  const factor = unitBytes[unit.toUpperCase() as keyof typeof unitBytes];
  const bytes = Math.floor(Number(number) * (factor ?? 0));
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new InvalidArgumentError("a size such as 512M or 6G is needed");
  return bytes;
}

function helpText(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}
