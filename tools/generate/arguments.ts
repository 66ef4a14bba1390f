// The command line of header-to-ts: options, their manual, and what a wrong one gets.
import { Command, CommanderError } from "commander";
import { exitCodes, ToolError, type ExitCode } from "../shared/errors.ts";
import { nearestNames } from "../shared/nearest.ts";
import { languages, type Language } from "./emitter.ts";

export interface Arguments {
  readonly headers: readonly string[];
  readonly config: string | null;
  readonly out: string | null;
  /** null: the default of the project, or for a foreign header every language that can express it. */
  readonly languages: readonly Language[] | null;
  readonly include: readonly string[];
  readonly define: Readonly<Record<string, string>>;
  readonly check: boolean;
  readonly json: boolean;
}

const manual = `
Reads C headers with a front end of its own and writes what is generated from them: the ABI model (abi.json) with its hash,
export lists, C layout asserts, a Rust test of types and layouts, and the Node addon with its TypeScript module.

Headers:
  Without HEADER the headers and the overlay of the project are read and the project's files are written in place.
  A HEADER of the project means the same. Any other HEADER is read alone, with names derived from its file name: with --out
  its files are written there, without --out its layouts in the three ABI classes are printed and nothing is written.
  Languages that cannot express such a header are named and left out, unless --lang asks for them: then it is an error.

What is read:
  C11 declarations: typedefs, structs, unions, enums, bit-fields, arrays, functions, function pointers, attributes, calling
  conventions, extern "C", static assertions, #pragma pack; the preprocessor with includes, conditionals and macros; constants
  with C's types. Anything else is an error with file, line, column and a caret; nothing is written then.

ABI classes: p8a8 (64-bit targets), p4a8 (32-bit ARM, 32-bit Windows, wasm32), p4a4 (32-bit x86 Linux and Android, armv7 iOS):
  size of a pointer and alignment of uint64_t. long has the size of a pointer, as everywhere but on 64-bit Windows.

Exit codes: 0 done; 1 a construct is not understood, a lint fails, or --check found a difference; 2 wrong usage, or a file that
  cannot be read or written.

Examples:
  npx tsx tools/header-to-ts.ts                                 regenerate the project's files
  npx tsx tools/header-to-ts.ts --check                         list files that are not up to date
  npx tsx tools/header-to-ts.ts --out /tmp/generated            the same files below another folder
  npx tsx tools/header-to-ts.ts /usr/include/zlib.h             layouts of a foreign header
  npx tsx tools/header-to-ts.ts lib.h --out generated --lang c,rust`;

/** Parses argv; an exit code means that the manual has been printed. Throws ToolError for wrong usage. */
export function parseArguments(argv: readonly string[]): Arguments | ExitCode {
  const command = newCommand();
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    throw usageError(error, command);
  }
  const options = command.opts<Options>();
  return {
    headers: command.args,
    config: options.config ?? null,
    out: options.out ?? null,
    languages: options.lang ?? null,
    include: options.include ?? [],
    define: options.define ?? {},
    check: options.check === true,
    json: options.json === true,
  };
}

interface Options {
  readonly config?: string;
  readonly out?: string;
  readonly lang?: readonly Language[];
  readonly include?: readonly string[];
  readonly define?: Readonly<Record<string, string>>;
  readonly check?: true;
  readonly json?: true;
}

function newCommand(): Command {
  return new Command("header-to-ts")
    .usage("[HEADER…] [options]")
    .argument("[header...]", "C headers, in the order in which a program includes them")
    .option("--config <file>", "TypeScript file that exports `project`", undefined)
    .option("--out <folder>", "write below this folder, and nothing outside it")
    .option("--lang <list>", `languages to generate for, of ${languages.join(",")}`, parseLanguages)
    .option("--include <folder>", "folder to look for #include files in (repeatable)", collect)
    .option("--define <name[=value]>", "macro to define before the first header (repeatable)", collectDefine)
    .option(
      "--check",
      "write nothing; list the files that differ, with their first differing line, and exit 1 if any does",
    )
    .option("--json", "print one JSON object on standard output instead of text")
    .addHelpText("after", manual)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function collectDefine(
  value: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, text] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(value) ?? [];
  if (name === undefined)
    throw usage(`--define ${value} is no macro`, "write --define NAME or --define NAME=VALUE");
  return { ...previous, [name]: text ?? "1" };
}

function parseLanguages(value: string): readonly Language[] {
  return value.split(",").map((name) => {
    const language = languages.find((candidate) => candidate === name.trim());
    if (language !== undefined) return language;
    const nearest = nearestNames(name, languages);
    throw usage(`unknown language "${name}"`, `use ${(nearest.length > 0 ? nearest : languages).join(", ")}`);
  });
}

function usageError(error: CommanderError, command: Command): ToolError {
  const message = error.message.replace(/^error: /, "").replace(/\n.*$/s, "");
  const unknown = /unknown option '(-[^'=]*)/.exec(message)?.[1];
  const known = command.options.flatMap((option) =>
    option.long === undefined || option.long === null ? [] : [option.long],
  );
  const nearest = unknown === undefined ? [] : nearestNames(unknown, [...known, "--help"]);
  return usage(message, nearest.length > 0 ? `did you mean ${nearest.join(", ")}?` : "see --help");
}

export function usage(message: string, remedy: string): ToolError {
  return new ToolError({ code: "usage", family: "usage", message, remedy });
}
