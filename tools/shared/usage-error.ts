// What a command says of arguments that it does not take: what is wrong, and the option that was likely meant.
import { CommanderError, type Command } from "commander";
import { exitCodes, ToolError, type ExitCode } from "./errors.ts";
import { nearestNames } from "./nearest.ts";

/** Parses a command line; an exit code means that the help has been printed. Throws ToolError for wrong usage. */
export function parseOrHelp(command: Command, args: readonly string[]): ExitCode | undefined {
  command.configureOutput({ writeErr: () => undefined }).exitOverride();
  try {
    command.parse([...args], { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    throw usageErrorOf(error, command, args);
  }
}

/** The command's name must be the line that runs it: the remedy is that with --help. */
export function usageErrorOf(error: CommanderError, command: Command, args: readonly string[]): ToolError {
  const known = command.options.map(({ long }) => long ?? "");
  const unknown =
    error.code === "commander.unknownOption" ? args.find((arg) => isUnknown(arg, known)) : undefined;
  const near = unknown === undefined ? [] : nearestNames(unknown.split("=")[0] ?? "", known);
  return new ToolError({
    code: error.code.replace("commander.", "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    family: "usage",
    // Commander's own suggestion is on a second line.
    message: error.message.replace(/^error: /, "").replace(/\n.*$/s, ""),
    remedy: near.length > 0 ? `did you mean ${near.join(", ")}?` : `${command.name()} --help`,
  });
}

function isUnknown(arg: string, known: readonly string[]): boolean {
  return arg.startsWith("-") && !known.includes(arg.split("=")[0] ?? "");
}
