// The known ways in which native releases go wrong, and which gate sees each, or why no reader of bytes can.

export interface Trap {
  readonly name: string;
  /** Ids of the gates that see it. */
  readonly gates: readonly string[];
  /** What of it is not to be read from bytes, and what looks after that instead. */
  readonly because?: string;
}

export interface TrapGroup {
  readonly title: string;
  readonly traps: readonly Trap[];
}

function seen(name: string, ...gates: readonly string[]): Trap {
  return { name, gates };
}

function partly(name: string, because: string, ...gates: readonly string[]): Trap {
  return { name, gates, because };
}

const everywhere: TrapGroup = {
  title: "Every platform",
  traps: [
    seen(
      "too many or too few exports",
      "exports",
      "static-exports",
      "archive-index",
      "import-library-symbols",
    ),
    seen("header and library disagree", "exports", "static-exports", "import-library-symbols"),
    partly(
      "a struct is laid out differently on some targets",
      "a library holds no layouts; asserts are generated for each class and compiled for each target",
    ),
    partly(
      "types in the header whose width depends on the target",
      "it is a matter of the header, and the front end refuses them there",
    ),
    partly(
      "a panic leaves the library",
      "it is behaviour; a test panics on purpose, and the manifest names the profile",
    ),
    partly(
      "thread-local storage runs out, or unloading crashes",
      "unloading is behaviour, which the smoke run tries",
      "elf-static-tls",
      "elf-tls-size",
    ),
    seen("code that runs at load", "static-initializers"),
    seen(
      "the wrong file under a good name",
      ...["file-target", "archive-members", "library-unreadable", "path-platform", "wheel-tag"],
      ...["npm-platform", "android-abi", "nuget-runtime", "duplicate-library"],
    ),
    seen(
      "the build machine shows through",
      "build-paths",
      "credentials",
      "pe-debug-path",
      "pkg-config-prefix",
    ),
    partly(
      "debug information shipped inside, or lost",
      "whether it was kept elsewhere is not in the library",
      "debug-information",
      "macho-uuid",
    ),
    seen(
      "two static libraries that cannot be linked together",
      "duplicate-symbols",
      "static-foreign-symbols",
    ),
    partly(
      "nobody knows what a static library must be linked with",
      "an archive does not list it; manifest, pkg-config file and CMake files do, and consumers are linked in tests",
    ),
    partly(
      "licences of linked code left out",
      "what was linked is known to the build, which writes the notices",
      "licence-missing",
    ),
    partly(
      "built from another source than it says",
      "bytes do not tell of their source; the manifest names the commit, and `npm run reproduce` builds it again",
      "manifest-digest",
    ),
    partly(
      "code for a younger processor than promised",
      "instructions behind a check at run time cannot be told from others without running them",
      "elf-x86-isa",
      "elf-arm-architecture",
    ),
    partly(
      "two builds of one source differ",
      "it takes two builds: `npm run reproduce`",
      "pe-timestamp",
      "archive-metadata",
    ),
  ],
};

const linux: TrapGroup = {
  title: "Linux",
  traps: [
    seen("a newer glibc is needed than was said", "glibc-floor", "symbol-version-floor", "wheel-glibc"),
    seen("no SONAME", "elf-soname"),
    seen("unexpected libraries and search paths", "elf-needed", "elf-rpath"),
    seen(
      "a library for musl that plain Alpine cannot load",
      "elf-needed",
      "elf-libc",
      "elf-packed-relocations",
    ),
    seen(
      "the library of the other C library is loaded",
      ...["elf-libc", "npm-libc", "npm-platform", "wheel-tag", "nuget-runtime"],
    ),
    seen(
      "protections left off",
      ...["elf-executable-stack", "elf-relro", "elf-bind-now", "elf-text-relocations", "elf-writable-code"],
    ),
    seen("floats passed the wrong way on 32-bit ARM", "elf-arm-float", "elf-arm-architecture"),
    partly(
      "stack alignment and SSE2 on 32-bit x86",
      "it is behaviour of callers and callbacks, which the smoke run for i686 has",
    ),
    partly(
      "large pages and processor errata on 64-bit ARM",
      "the linker's cure for an erratum leaves no mark; the manifest names the linker",
      "elf-page-alignment",
      "elf-load-congruence",
    ),
  ],
};

const apple: TrapGroup = {
  title: "macOS and iOS",
  traps: [
    seen("the install name is a path of the build machine", "macho-install-name", "macho-rpath"),
    seen("a newer system is needed than was said", "macho-minimum-os", "wheel-minimum-os"),
    seen("changed after it was signed, or never signed", "macho-signature"),
    seen("no room to change names after the link", "macho-header-pad"),
    seen("a stale slice in a universal file", "fat-slices", "file-target"),
    seen("libraries that no user's system has", "macho-dependencies"),
    seen("code for the simulator on the device", "macho-platform", "path-platform"),
    seen("objects for a newer iOS than the rest", "macho-minimum-os", "archive-members"),
    seen("a wrong property list in an xcframework", "xcframework-plist", "module-map"),
    seen("bitcode that nobody takes any more", "macho-bitcode"),
    seen(
      "the app has its own copy of the same library",
      "static-foreign-symbols",
      "duplicate-symbols",
      "macho-two-level",
    ),
    partly(
      "32-bit iOS",
      "no target of the table is one; such a slice is not what any target expects",
      "file-target",
    ),
  ],
};

const windows: TrapGroup = {
  title: "Windows",
  traps: [
    seen(
      "no import library, or that of another DLL",
      "import-library-missing",
      "import-library-dll",
      "import-library-symbols",
    ),
    seen("renamed after the link", "pe-export-name", "import-library-dll"),
    seen("the C runtime is not there", "pe-imports"),
    seen("objects that ask for another runtime", "coff-directives"),
    partly(
      "debug files that do not fit, or with a folder in their name",
      "whether the debug file fits is seen where both are, and it is in no package",
      "pe-debug-path",
    ),
    seen(
      "protections left off, times left in",
      "pe-hardening",
      "pe-timestamp",
      "pe-relocations",
      "pe-writable-code",
    ),
    seen("decorated names on 32 bits", "pe-export-decoration", "exports"),
    seen("parts of one compiler's runtime that another does not bring", "pe-imports"),
    partly(
      "the DLL that is found first",
      "the loading program chooses the order; a library can only need little",
      "pe-imports",
    ),
  ],
};

const android: TrapGroup = {
  title: "Android",
  traps: [
    seen("pages of 16 KiB", "elf-page-alignment", "elf-relro-end"),
    seen("a symbol that the oldest API level lacks", "android-api", "android-symbols"),
    seen("no SONAME, so that a path is recorded", "elf-soname"),
    seen("runtime libraries left behind", "elf-needed", "android-symbols"),
    seen(
      "what Android's loader refuses",
      ...["elf-text-relocations", "elf-packed-relocations", "elf-hash-table", "elf-section-headers"],
    ),
    partly("NEON on 32-bit ARM", "it is optional code, chosen at run time", "elf-arm-architecture"),
    partly(
      "libraries unaligned in the app's archive",
      "the app's build packs the libraries of an AAR again, and aligns them then",
    ),
  ],
};

const packages: TrapGroup = {
  title: "Packages and publishing",
  traps: [
    partly(
      "the same files packed to other bytes",
      "it takes two packings: tests pack twice, and `npm run reproduce` compares",
      "archive-metadata",
    ),
    seen("permissions and links lost on the way", "executable-bit", "package-links"),
    seen("paths that cannot be made, or lead out", "package-structure", "case-collision", "portable-path"),
    partly(
      "a configuration that works on the packer's machine alone",
      "whether it works is tried by consumers in tests",
      "pkg-config-prefix",
      "headers-missing",
      "module-map",
    ),
    seen(
      "an npm package that lacks files or says the wrong platform",
      "npm-main",
      "npm-platform",
      "npm-libc",
    ),
    seen(
      "a wheel whose tag, list or entry is wrong",
      ...["wheel-tag", "wheel-glibc", "wheel-minimum-os", "wheel-file-name", "wheel-record", "wheel-purelib"],
      "python-module-entry",
    ),
    seen("a NuGet package with a library in the wrong folder, or too large", "nuget-runtime", "package-size"),
    partly("Unity's import settings", "they are texts beside the libraries, and this project ships none"),
    partly(
      "release assets renamed or cut short",
      "it is seen after the upload: digests of what was fetched back",
    ),
    partly("half a release over several registries", "it is a state of registries, not of files"),
    partly("published and not there yet", "it is a matter of time; the steps that need it wait for it"),
    partly(
      "a workflow that decays",
      "it is text: generated from the table of targets, and compared in `npm run check`",
    ),
  ],
};

export const trapGroups: readonly TrapGroup[] = [everywhere, linux, apple, windows, android, packages];
