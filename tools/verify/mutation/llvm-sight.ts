// What LLVM's tools must say otherwise of a library after a mutation, gate by gate, and what they cannot see.
export type LlvmFormat = "elf" | "pe" | "macho" | "archive" | "wasm";

export interface Sight {
  /** What of the file is looked at: its tables, its printable texts, or all bytes of its sections. */
  readonly look: "tables" | "texts" | "contents";
  /** A line that only one of the two has. */
  readonly line: RegExp | Partial<Readonly<Record<LlvmFormat, RegExp>>>;
}

function tables(line: Sight["line"]): Sight {
  return { look: "tables", line };
}

function texts(line: RegExp): Sight {
  return { look: "texts", line };
}

const processor = /Machine:|Type: +(DYN|EXEC)|\(0x2[0-9A-F]{3}\)|X86_64|EXECUTE| DYLIB |Fat headers/;

/** By the id of the gate; of several one is enough. */
export const sights: Readonly<Record<string, Sight | readonly Sight[]>> = {
  "file-target": tables({ elf: processor, pe: processor, macho: processor, archive: /Archive map/ }),
  "archive-members": tables(/Machine:|Arch: |X86_64|notes\.txt/),
  "elf-arm-float": tables(/Flags: +0x5000|Flags \[ \(0x5000/),
  exports: tables({
    elf: /(GLOBAL +(DEFAULT|HIDDEN)).*(fixture_|napi_|malloc)/,
    pe: /Name: (fixture_|napi_)/,
    macho: /_(fixture|napi)_/,
  }),
  "static-exports": tables(/fixture_copy|npy_gcdull|random_zipf|PrivateExtern/),
  "archive-index": tables(/(fixture_c|npy_gcdu).* in /),
  "import-library-dll": texts(/\.dll$|\.pyd$/),
  "import-library-symbols": tables(/fixt[uv]re_|Py[IX]nit__common/),
  "elf-needed": tables(/\(NEEDED\)/),
  "elf-libc": tables(/\(NEEDED\)/),
  "elf-unresolved": tables(/UND (malloc|memcpy|n[ao]pi?e?_create_object)/),
  "pe-imports": tables(/Name: (KERNEL32|VCRUNT14|PSAP[IX]|node|cool)\.(dll|DLL|exe)/),
  "macho-dependencies": tables(/name \/(usr|opt)\/lib\/libSystem/),
  "elf-soname": tables(/\(SONAME\)/),
  "macho-install-name": tables(/name (@rpath|\/build)\//),
  "pe-export-name": tables(/DLL name: /),
  "elf-rpath": tables(/\((RPATH|RUNPATH)\)/),
  "macho-rpath": tables(/path \/o/),
  "glibc-floor": tables(/Name: GLIBC_(2\.18|2\.34|PRIV)/),
  "symbol-version-floor": tables(/Name: (GLIBCXX_3\.9|GCC_9\.5)/),
  "android-api": tables(/description data: 1d 00|Robot/),
  "macho-platform": tables(/platform (ios|iossimulator|macos|2|7)|LC_BUILD_VERSION/),
  "macho-minimum-os": tables(/(minos|version) 1[0-9]\./),
  "pe-minimum-os": tables(/SubsystemVersion: 10/),
  "elf-page-alignment": tables(/LOAD .* 0x(1000|200)$/),
  "elf-relro-end": tables(/GNU_RELRO/),
  "elf-executable-stack": tables(/GNU_STACK/),
  "elf-relro": tables(/GNU_RELRO/),
  "elf-bind-now": tables(/\(FLAGS\) +BIND_NOW/),
  "elf-text-relocations": tables(/TEXTREL/),
  "elf-static-tls": tables(/STATIC_TLS|TPOFF64/),
  "elf-packed-relocations": tables(/\(RELR\)/),
  "elf-load-congruence": tables(/LOAD .* 0x[24]00000$/),
  "elf-writable-code": tables(/LOAD .* RWE /),
  "elf-hash-table": tables(/\((GNU_)?HASH\)/),
  "elf-section-headers": tables(/Number of section headers: +0$/),
  "elf-tls-size": tables(/TLS .* 0x100000 /),
  // LLVM reads notes by sections where there are any, and shows of this one the program header.
  "elf-x86-isa": tables(/^ +NOTE .* 0x000020 0x000020 R +0x8$/),
  "elf-arm-architecture": tables(/Description: ARM v8/),
  "android-symbols": tables(/UND (semget|mallox)/),
  "static-initializers": [
    tables({ elf: /\(INIT_ARRAYSZ\) +72/, macho: /size 0x0*48/ }),
    { look: "contents", line: { pe: /^ [0-9a-f]+ ([0-9a-f]{8} ){4}/ } },
  ],
  "pe-hardening": tables(/IMAGE_DLL_CHARACTERISTICS_/),
  "pe-timestamp": tables(/TimeDateStamp: 2023-11-14 22:13:20/),
  "pe-debug-path": tables(/PDBFileName: d:\\out\\|Type: CodeView/),
  "pe-relocations": tables(/IMAGE_FILE_RELOCS_STRIPPED|BaseRelocationTable/),
  "pe-writable-code": tables(/IMAGE_SCN_MEM_WRITE/),
  "pe-export-decoration": tables(/Name: (fixture_cp@4|_JNX_OnLoad@8)/),
  "coff-directives": tables(/DEFAULTLIB:"?msvcrtd/i),
  "macho-signature": [texts(/good da[xy]|__txet/), tables(/cmd LC_CODE_SIGNATURE/)],
  "macho-bitcode": tables(/sectname __bitcode/),
  "macho-two-level": tables(/TWOLEVEL/),
  "macho-uuid": tables(/cmd (LC_UUID|\?|43|LC_)/),
  "macho-writable-code": tables(/initprot rwx/),
  "macho-header-pad": tables(/sizeofcmds|DYLIB +\d+ +\d+/),
  "fat-slices": tables(/libfixtvre\.dylib|architecture|_rusx/),
  "archive-thin": tables(/fixture_copy|npy_gcdull/),
  "archive-metadata": tables(/2023/),
  "static-foreign-symbols": tables(/inflate/),
  "wasm-imports": tables(/IMPORT/),
  "wasm-relocatable": tables(/linking|invalid|malformed|Section/i),
  "debug-information": tables(/debug_x/),
  "build-paths": texts(/\/home\/u|\/Users\/u|\\Users\\|\/root\/|\/srv\/build/),
  credentials: texts(/AKIA|npm_/),
};

/** Mutations that LLVM's tools show nothing of, by gate and what is broken. */
export const unseen: Readonly<Record<string, string>> = {
  "build-paths: a wide text names a home folder": "llvm-strings looks for texts of one byte a letter",
  "import-library-missing: the import library was not collected": "the file is gone",
};
