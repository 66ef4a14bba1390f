// What stays without a run on this kind of machine, target by target, with the reason and with what proves it instead.
import type { Target } from "../matrix/target.ts";
import type { Limit, SmokeRun } from "./verification.ts";

export function limitsOf(target: Target, runs: readonly SmokeRun[]): Limit[] {
  return [...oldestSystem(target), ...quicUnderWine(runs), ...systemsElsewhere(target, runs)];
}

/** quinn-udp 0.5 asks for IPV6_V6ONLY on its IPv4 socket and takes Wine's refusal for a failure. */
function quicUnderWine(runs: readonly SmokeRun[]): Limit[] {
  if (!runs.some(({ runner }) => runner.startsWith("wine-"))) return [];
  const reason =
    "Wine 8 and 10 answer getsockopt(IPV6_V6ONLY) on an IPv4 socket with error 10045, at which quinn's UDP socket gives up; TCP is what runs there, and QUIC is proven on Linux by the crates' own tests";
  return [{ subject: "QUIC under Wine", reason }];
}

/** Debian's mirrors go back to 11; glibc 2.17 is of a system whose packages no registry holds any more. */
function oldestSystem({ floor, family }: Target): Limit[] {
  if (family !== "linux-gnu" || floor.kind !== "glibc") return [];
  const reason =
    "no registry that this machine reaches holds a system that old; the symbol versions in the bytes prove it (gate glibc-floor), and a run on the oldest that can be had";
  return [{ subject: `glibc ${floor.version}`, reason }];
}

function systemsElsewhere({ family, triple }: Target, runs: readonly SmokeRun[]): Limit[] {
  if (runs.length > 0) return [];
  const reason = elsewhere[family];
  return reason === undefined ? [] : [{ subject: `a run of ${triple}`, reason }];
}

const onDevice = "all gates and a link of every function here; tools/smoke-device.ts runs the package there";

const elsewhere: Readonly<Partial<Record<Target["family"], string>>> = {
  macos: `needs a Mac: ${onDevice}`,
  ios: `needs the simulator of Xcode: ${onDevice}`,
  android: `needs an emulator or a device: ${onDevice}`,
  "windows-gnullvm": `needs Windows on this processor: ${onDevice}`,
  "windows-msvc": `needs Windows on this processor: ${onDevice}`,
};
