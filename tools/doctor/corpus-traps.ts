// Why each error that the doctor finds in packages of the registries is a true one: what breaks, and for whom.

export interface KnownTrap {
  /** Package of the corpus. */
  readonly id: string;
  readonly gate: string;
  readonly why: string;
}

const androidPages =
  "devices with pages of 16 KiB (Android 15 and later) refuse to load a 64-bit library aligned to 4 KiB";
const executableStack =
  "glibc 2.41 and later refuse to dlopen it, hardened kernels too, and elsewhere the whole process loses its protection";

export const knownTraps: readonly KnownTrap[] = [
  {
    id: "cryptography-macos-universal2",
    gate: "wheel-minimum-os",
    why: "pip installs it on macOS 10.9 to 10.12 by its tag, where the loader refuses a library built for 10.13",
  },
  { id: "expo-sqlite", gate: "elf-page-alignment", why: androidPages },
  { id: "fbjni", gate: "elf-page-alignment", why: androidPages },
  { id: "sqlite-jdbc", gate: "elf-page-alignment", why: androidPages },
  { id: "jna", gate: "elf-executable-stack", why: executableStack },
  { id: "sqlite-jdbc", gate: "elf-executable-stack", why: executableStack },
  {
    id: "rollup-win32-arm64-msvc",
    gate: "pe-imports",
    why: "a Windows without the Visual C++ redistributable has no VCRUNTIME140.dll, and the addon does not load",
  },
  {
    id: "rollup-win32-ia32-msvc",
    gate: "pe-imports",
    why: "a Windows without the Visual C++ redistributable has no VCRUNTIME140.dll, and the addon does not load",
  },
];
