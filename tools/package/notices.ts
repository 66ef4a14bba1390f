// Writes THIRD-PARTY-NOTICES.txt: everything that is linked in and was written by others, with its licence text.
import type { Target } from "../matrix/target.ts";
import type { PackageContext } from "./context.ts";
import { linkedCrates, type LinkedCrate } from "./linked-crates.ts";
import { platformComponents, readNotice, type PlatformComponent } from "./platform-components.ts";

interface Notice {
  readonly heading: string;
  readonly text: string;
}

export async function thirdPartyNotices(target: Target, context: PackageContext): Promise<string> {
  const crates = await linkedCrates(target, context);
  const platform = await Promise.all(platformComponents(target).map(platformNotice));
  const notices = [...crates.flatMap(crateNotices), ...platform];
  return render(context, target, crates, notices);
}

async function platformNotice(item: PlatformComponent): Promise<Notice> {
  return { heading: `${item.name} (${item.license})`, text: await readNotice(item) };
}

function crateNotices({ name, version, license, texts }: LinkedCrate): Notice[] {
  return texts.map(({ text }) => ({ heading: `${name} ${version} (${license})`, text }));
}

function render(
  { project }: PackageContext,
  target: Target,
  crates: readonly LinkedCrate[],
  notices: readonly Notice[],
): string {
  const names = [
    ...crates.map(({ name, version, license }) => `${name} ${version} (${license})`),
    ...platformComponents(target).map(({ name, license }) => `${name} (${license})`),
  ];
  return [
    `Third-party notices of ${project.name} ${project.version} for ${target.triple}.`,
    `The libraries of this package contain parts of:`,
    "",
    ...names.map((name) => `  - ${name}`),
    "",
    ...grouped(notices).flatMap(section),
  ].join("\n");
}

/** One section for each text; components that share it to the letter are named above it. */
function grouped(notices: readonly Notice[]): [text: string, headings: string[]][] {
  const byText = new Map<string, string[]>();
  for (const { heading, text } of notices) {
    const trimmed = text.replace(/[ \t]+$/gm, "").trim();
    byText.set(trimmed, [...(byText.get(trimmed) ?? []), heading]);
  }
  return [...byText];
}

function section([text, headings]: [text: string, headings: string[]]): string[] {
  const rule = "=".repeat(72);
  return [rule, ...headings, rule, "", text, ""];
}
