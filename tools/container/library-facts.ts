// Finds the libraries in a container and says what they are.
import { inspectBytes } from "../inspect/inspect.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import { ToolError } from "../shared/errors.ts";
import type { Container, Problem } from "./member.ts";

export interface FoundLibrary {
  readonly type: "library";
  /** Its path is that of the container and of all members down to it: "a.jar!linux/lib.so". */
  readonly facts: ArtifactFacts;
}

/** A member that begins like a library and cannot be read as one. */
export interface BrokenLibrary {
  readonly type: "broken";
  readonly error: ToolError;
}

export async function* librariesIn(
  container: Container,
): AsyncGenerator<FoundLibrary | BrokenLibrary | Problem, void, void> {
  for await (const entry of container.entries()) {
    if (entry.type === "problem") {
      yield entry;
      continue;
    }
    if (entry.kind !== "file") continue;
    const path = [container.path, ...entry.trail, entry.name].join("!");
    const found = read(path, await entry.read());
    if (found !== undefined) yield found;
  }
}

/** undefined for what is of no format of libraries. */
function read(path: string, bytes: Uint8Array): FoundLibrary | BrokenLibrary | undefined {
  try {
    return { type: "library", facts: inspectBytes(path, bytes) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.code === "unknown-format" ? undefined : { type: "broken", error };
  }
}
