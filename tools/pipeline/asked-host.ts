// A machine that remembers what the smoke stage asked it: installing an emulator then voids the verdict made without it.
import { statSync } from "node:fs";
import { thisHost, type Host } from "../smoke/host.ts";
import type { Questions } from "./verdict.ts";

export interface AskedHost extends Questions {
  readonly host: Host;
}

export function askedHost(real: Host = thisHost): AskedHost {
  const asked = new Map<string, string>();
  const ask = (question: string): void => void asked.set(question, answerOf(real, question));
  return {
    host: {
      ...real,
      exists: (path) => {
        ask(`exists ${path}`);
        return real.exists(path);
      },
      which: (program) => {
        ask(`which ${program}`);
        return real.which(program);
      },
    },
    asked: () => Object.fromEntries(asked),
    answer: (question) => answerOf(real, question),
  };
}

/** Not only whether it is there: another version of it is another answer. */
function answerOf(real: Host, question: string): string {
  const [verb, ...rest] = question.split(" ");
  const name = rest.join(" ");
  if (verb !== "which") return fingerprint(name);
  const path = real.which(name);
  return path === undefined ? "no" : `${path} ${fingerprint(path)}`;
}

function fingerprint(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} bytes of ${new Date(mtimeMs).toISOString()}`;
  } catch {
    return "no";
  }
}
