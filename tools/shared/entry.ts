// How every entry ends: its exit code set, a ToolError printed with its remedy, never a bare stack trace.
import { exitCodes, ToolError, type ExitCode } from "./errors.ts";
import { systemError } from "./likely-cause.ts";

/** Runs an entry's body; a defect (anything but a ToolError) is shown with its stack and exits 1. */
export async function runEntry(body: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (thrown) {
    const error = thrown instanceof ToolError ? thrown : (systemError(thrown) ?? thrown);
    if (!(error instanceof ToolError)) {
      console.error(error);
      process.exitCode = exitCodes.finding;
      return;
    }
    console.error(`error: ${error.message}\n  fix: ${error.remedy}`);
    process.exitCode = error.exitCode;
  }
}
