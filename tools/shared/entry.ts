// How every entry ends: its exit code set, a ToolError printed with its remedy, never a bare stack trace.
import { parseArgs } from "node:util";
import { exitCodes, ToolError, type ExitCode } from "./errors.ts";
import { systemError } from "./likely-cause.ts";

/** Runs an entry's body; a defect (anything but a ToolError) is shown with its stack and exits 1. */
export async function runEntry(body: () => Promise<ExitCode>): Promise<void> {
  watchOutput();
  try {
    endWith(await body());
  } catch (thrown) {
    const error =
      thrown instanceof ToolError ? thrown : (usageError(thrown) ?? systemError(thrown) ?? thrown);
    if (!(error instanceof ToolError)) {
      console.error(error);
      endWith(exitCodes.finding);
      return;
    }
    complain(error);
    endWith(error.exitCode);
  }
}

/** Whether standard output was refused: a report that nobody got is no verdict, whatever it said. */
let isOutputLost = false;

function endWith(code: ExitCode): void {
  process.exitCode = isOutputLost ? exitCodes.environment : code;
}

/** A full disk behind standard output is an error like any other; a reader that went away has seen enough. */
function watchOutput(): void {
  process.stdout.on("error", (thrown: Error & { readonly code?: string }) => {
    if (thrown.code === "EPIPE" || isOutputLost) return;
    isOutputLost = true;
    complain(
      new ToolError({
        code: "output-lost",
        family: "environment",
        message: `standard output cannot be written: ${thrown.message}`,
        remedy: "free some room where the output goes, or send it elsewhere, and run the command again",
      }),
    );
    endWith(exitCodes.environment);
  });
}

function complain({ message, remedy }: ToolError): void {
  console.error(`error: ${message}\n  fix: ${remedy}`);
}

/** For an entry without options: prints what it does if that is asked for; anything else is a usage error. */
export function printsHelp(about: string): boolean {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) console.log(about);
  return values.help;
}

/** What Node's parseArgs objects to. */
function usageError(thrown: unknown): ToolError | undefined {
  const isUsage =
    thrown instanceof TypeError && "code" in thrown && /^ERR_PARSE_ARGS_/.test(String(thrown.code));
  if (!isUsage) return undefined;
  const [message = ""] = thrown.message.split(". ");
  return new ToolError({ code: "usage", family: "usage", message, remedy: "run the command with --help" });
}
