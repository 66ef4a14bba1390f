// The doctor's command: arguments, the run, and the report where it is wanted.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { ToolError, type ExitCode } from "../shared/errors.ts";
import { parseOrHelp } from "../shared/usage-error.ts";
import { writeWholeFile } from "../shared/whole-file.ts";
import type { Rule } from "../verify/gate.ts";
import { readPolicyFile } from "../verify/policy-file.ts";
import { formatHtml } from "./format-html.ts";
import { formatJson } from "./format-json.ts";
import { formatMarkdown } from "./format-markdown.ts";
import { formatSarif } from "./format-sarif.ts";
import { formatTable, type Terminal } from "./format-table.ts";
import { examinePaths, exitCodeOf, type DoctorReport } from "./report.ts";
import { visible } from "./visible.ts";

const formats = ["table", "json", "sarif", "markdown", "html"] as const;

interface Options {
  readonly policy?: string;
  readonly format: (typeof formats)[number];
  readonly output?: string;
}

/** What the command meets of the world. */
export interface DoctorWorld {
  readonly rules: readonly Rule[];
  readonly folder: string;
  readonly terminal: Terminal;
  print(text: string): Promise<void>;
  complain(text: string): void;
}

export async function doctor(args: readonly string[], world: DoctorWorld): Promise<ExitCode> {
  const given = parseArguments(args);
  if (typeof given === "number") return given;
  const { paths, options } = given;
  const policy = options.policy === undefined ? {} : await readPolicyFile(options.policy);
  const report = await examinePaths(paths, policy);
  for (const { message, fix } of report.unreadable)
    world.complain(`error: ${visible(message)}\n  fix: ${visible(fix)}\n`);
  const text = formatted(report, options, world);
  if (options.output === undefined) await world.print(text);
  else await writeWholeFile(resolve(world.folder, options.output), text);
  return exitCodeOf(report);
}

function formatted(report: DoctorReport, { format, output }: Options, world: DoctorWorld): string {
  switch (format) {
    case "table":
      return formatTable(report, output === undefined ? world.terminal : { columns: 110, colour: false });
    case "json":
      return formatJson(report);
    case "sarif":
      return formatSarif(report, world.rules, world.folder);
    case "markdown":
      return formatMarkdown(report);
    case "html":
      return formatHtml(report);
  }
}

function parseArguments(
  args: readonly string[],
): ExitCode | { readonly paths: readonly string[]; readonly options: Options } {
  const program = new Command("npm run doctor --")
    .description(
      "Examines libraries and packages (ELF, PE, COFF, Mach-O, wasm, ar; wheel, npm tarball, AAR, jar, xcframework, " +
        "nupkg, deb, zip, tar, folders), recognised by their content, and says what would break for whom, and why.",
    )
    .argument("<path...>", "files, packages or folders")
    .option("--policy <file>", "what to hold the libraries to: JSON as tools/verify/policy.schema.json says")
    .addOption(new Option("--format <format>", "form of the report").choices(formats).default("table"))
    .option("--output <file>", "write the report to a file instead of printing it")
    .addHelpText(
      "after",
      "\nWithout a policy, tags and names of the package say what its libraries promise.\n" +
        "The gates: docs/gates.md. The JSON: tools/doctor/schema/doctor-report.schema.json.\n\n" +
        "Exit codes: 0 no finding of severity error, 1 some, 2 something cannot be read or the usage is wrong, " +
        "3 the report cannot be written.",
    );
  const helped = parseOrHelp(program, args);
  if (helped !== undefined) return helped;
  if (program.args.some((path) => path === ""))
    throw new ToolError({
      code: "empty-path",
      family: "usage",
      message: "one of the paths is empty",
      remedy: "name a file or a folder",
    });
  return { paths: program.args, options: program.opts<Options>() };
}
