// What Node's parseArgs objects to, as an error that names the entry's own manual.
import { ToolError } from "./errors.ts";

/** What `parse` returns; its objections end the command. `manual`: the command line that prints what the entry takes. */
export function parsedOr<T>(parse: () => T, manual: string): T {
  try {
    return parse();
  } catch (error) {
    throw wrongArguments(error instanceof Error ? error.message : String(error), manual);
  }
}

export function wrongArguments(message: string, manual: string): ToolError {
  return new ToolError({ code: "wrong-arguments", family: "usage", message, remedy: manual });
}
