// The machines, simulators and emulators on which the workflow proves what a Linux box can only build.

export interface DeviceJob {
  readonly triple: string;
  /** Name of GitHub's machine. */
  readonly machine: string;
  /** As tools/smoke-device.ts calls the place. */
  readonly on: "here" | "ios-simulator" | "android";
}

export const deviceJobs: readonly DeviceJob[] = [
  { triple: "aarch64-apple-darwin", machine: "macos-15", on: "here" },
  { triple: "universal-apple-darwin", machine: "macos-15", on: "here" },
  { triple: "x86_64-apple-darwin", machine: "macos-15-intel", on: "here" },
  { triple: "aarch64-apple-ios-sim", machine: "macos-15", on: "ios-simulator" },
  { triple: "x86_64-apple-ios", machine: "macos-15-intel", on: "ios-simulator" },
  // Linked by Xcode; a program on a device needs somebody's signing identity.
  { triple: "aarch64-apple-ios", machine: "macos-15", on: "here" },
  { triple: "x86_64-linux-android", machine: "ubuntu-24.04", on: "android" },
  { triple: "i686-linux-android", machine: "ubuntu-24.04", on: "android" },
  { triple: "x86_64-pc-windows-gnullvm", machine: "windows-2025", on: "here" },
  { triple: "i686-pc-windows-gnullvm", machine: "windows-2025", on: "here" },
  { triple: "x86_64-pc-windows-msvc", machine: "windows-2025", on: "here" },
  { triple: "i686-pc-windows-msvc", machine: "windows-2025", on: "here" },
  { triple: "aarch64-pc-windows-gnullvm", machine: "windows-11-arm", on: "here" },
  { triple: "aarch64-pc-windows-msvc", machine: "windows-11-arm", on: "here" },
  { triple: "aarch64-unknown-linux-gnu", machine: "ubuntu-24.04-arm", on: "here" },
];
