// Reads which systems a Mach-O file is for, from the load command of today or one of those before it.
import type { Place } from "./facts.ts";
import type { MachOFacts, MachOPlatform } from "./macho-facts.ts";
import { versionText, type LoadCommand } from "./macho-libraries.ts";

const buildVersion = 0x32;

const platforms: Readonly<Record<number, MachOPlatform>> = {
  1: "macos",
  2: "ios",
  3: "tvos",
  4: "watchos",
  5: "bridgeos",
  6: "mac-catalyst",
  7: "ios-simulator",
  8: "tvos-simulator",
  9: "watchos-simulator",
  10: "driverkit",
  11: "visionos",
  12: "visionos-simulator",
};

/** The older commands do not tell a device from a simulator; Intel processors are in simulators only. */
const oldCommands: Readonly<
  Record<number, { section: string; device: MachOPlatform; simulator: MachOPlatform }>
> = {
  0x24: { section: "LC_VERSION_MIN_MACOSX", device: "macos", simulator: "macos" },
  0x25: { section: "LC_VERSION_MIN_IPHONEOS", device: "ios", simulator: "ios-simulator" },
  0x2f: { section: "LC_VERSION_MIN_TVOS", device: "tvos", simulator: "tvos-simulator" },
  0x30: { section: "LC_VERSION_MIN_WATCHOS", device: "watchos", simulator: "watchos-simulator" },
};

type PlatformFacts = Pick<MachOFacts, "platform" | "minimumOs" | "sdk" | "platforms" | "tools">;
type Platform = MachOFacts["platforms"][number];

export function readPlatform(
  commands: readonly LoadCommand[],
  cpu: MachOFacts["cpu"],
  header: Place,
): PlatformFacts {
  const found = commands.flatMap((command) => {
    const platform = readCommand(command, cpu);
    return platform === undefined ? [] : [platform];
  });
  const [first] = found;
  if (first === undefined)
    return {
      platform: { ...header, value: "unknown" },
      minimumOs: undefined,
      sdk: undefined,
      platforms: [],
      tools: [],
    };
  const { section, offset, value } = first.facts;
  return {
    platform: { section, offset, value },
    minimumOs: { section, offset: first.minimumAt, value: first.facts.minimumOs },
    sdk: first.sdk,
    platforms: found.map(({ facts }) => facts),
    tools: first.tools,
  };
}

interface FoundPlatform {
  readonly facts: Platform;
  readonly minimumAt: number;
  readonly sdk: string;
  readonly tools: MachOFacts["tools"];
}

function readCommand(command: LoadCommand, cpu: MachOFacts["cpu"]): FoundPlatform | undefined {
  if (command.kind === buildVersion) return readBuildVersion(command);
  const old = oldCommands[command.kind];
  if (old === undefined) return undefined;
  const { content } = command;
  const { section } = old;
  const value = cpu === "x86_64" || cpu === "i686" ? old.simulator : old.device;
  return {
    facts: { section, offset: content.base, value, minimumOs: versionText(content.u32(8, section)) },
    minimumAt: content.base + 8,
    sdk: versionText(content.u32(12, section)),
    tools: [],
  };
}

function readBuildVersion({ content }: LoadCommand): FoundPlatform {
  const section = "LC_BUILD_VERSION";
  const number = content.u32(8, section);
  const tools = content.records(24, content.u32(20, section), 8, "tools of LC_BUILD_VERSION");
  return {
    facts: {
      section,
      offset: content.base + 8,
      value: platforms[number] ?? `other-${number}`,
      minimumOs: versionText(content.u32(12, section)),
    },
    minimumAt: content.base + 12,
    sdk: versionText(content.u32(16, section)),
    tools: [...tools].map((tool) => ({
      tool: tool.u32(0, "tool"),
      version: versionText(tool.u32(4, "version of tool")),
    })),
  };
}
