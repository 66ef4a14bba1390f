// Gate: no library carries a key or token.
import { memberAt } from "./member-at.ts";
import type { Gate } from "../gate.ts";

interface Form {
  readonly name: string;
  readonly prefix: string;
  readonly whole: RegExp;
  /** Whether libraries carry such in public, to test themselves with. */
  readonly isMilder?: true;
}

/** Forms that nothing else has; each prefix is searched first, then the whole form is matched at its place. */
const forms: readonly Form[] = [
  { name: "GitHub token", prefix: "ghp_", whole: /^ghp_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { name: "GitHub token", prefix: "ghs_", whole: /^ghs_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { name: "GitHub token", prefix: "github_pat_", whole: /^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/ },
  { name: "GitLab token", prefix: "glpat-", whole: /^glpat-[A-Za-z0-9_-]{20}(?![A-Za-z0-9_-])/ },
  { name: "npm token", prefix: "npm_", whole: /^npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { name: "PyPI token", prefix: "pypi-AgEI", whole: /^pypi-AgEI[A-Za-z0-9_-]{50}/ },
  { name: "AWS access key", prefix: "AKIA", whole: /^AKIA[A-Z2-7]{16}(?![A-Za-z0-9])/ },
  { name: "Slack token", prefix: "xoxb-", whole: /^xoxb-\d{10,13}-\d{10,13}-[A-Za-z0-9]{24}/ },
  // Programs that read keys hold the first line alone; with a body behind it, it is a key.
  {
    name: "private key",
    prefix: "-----BEGIN ",
    whole: /^-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\r?\n[A-Za-z0-9+/]{40}/,
    isMilder: true,
  },
];
const longestForm = 120;
const shownCharacters = 8;

export const credentials: Gate = {
  id: "credentials",
  severity: "error",
  title: "the library carries what looks like a key or token",
  explanation:
    "Everyone who downloads the library can read it. Environment variables of the build (env! in Rust, -D in C) are the usual way in.",
  fix: "revoke the key at once, build without it in the environment, and read secrets at run time",
  milder: {
    severity: "warning",
    title: "the library's data has a private key in it",
    explanation:
      "Everyone who downloads the library can read it. Libraries for cryptography carry keys that are public and protect nothing, to test themselves with; any other key is lost.",
    fix: "if the key protects anything, replace it at once and read it at run time; a key of a self-test may stay",
  },
  *check({ bytes, facts }) {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { name, prefix, whole, isMilder } of forms)
      for (let at = haystack.indexOf(prefix); at >= 0; at = haystack.indexOf(prefix, at + prefix.length)) {
        if (!whole.test(haystack.toString("latin1", at, at + longestForm))) continue;
        // The report is read by more people than the library: only the beginning is shown.
        const value = `${name} ${haystack.toString("latin1", at, at + shownCharacters)}…`;
        const place = { section: "content", offset: at, value, ...memberAt(facts, at) };
        yield isMilder === undefined ? place : { ...place, isMilder };
      }
  },
};
