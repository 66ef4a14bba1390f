// An Android sysroot without the NDK: stub libraries from the symbol lists, LLVM's unwinder, and our own start files.
import { join } from "node:path";
import type { Target } from "../matrix/target.ts";
import { androidArchitecture, stubLibraries, type AndroidArchitecture } from "./android-symbols.ts";
import { generatedFolder, type GeneratedFolder, type Recipe } from "./generated-folder.ts";
import { rustLld } from "./rust-lld.ts";
import type { HostFacts, RustFacts } from "./toolchain.ts";
import { zigEnvironment, zigLibrary, zigProgram } from "./zig.ts";

/** Clang's name of the target; it carries the API level. */
export function androidClangTarget(target: Target, api: number): string {
  const names: Record<AndroidArchitecture, string> = {
    arm: "armv7a-linux-androideabi",
    arm64: "aarch64-linux-android",
    x86: "i686-linux-android",
    x86_64: "x86_64-linux-android",
  };
  return `${names[androidArchitecture(target)]}${api}`;
}

export function androidStubs(
  target: Target,
  api: number,
  facts: HostFacts,
  rust: RustFacts,
): GeneratedFolder {
  const libraries = stubLibraries(androidArchitecture(target), api);
  const clang = (...args: string[]): Recipe["commands"][number] => ({
    program: zigProgram(facts.zig),
    args: ["clang", `--target=${androidClangTarget(target, api)}`, "-g0", ...args],
  });
  const recipe: Recipe = {
    files: [
      ...libraries.flatMap(({ name, assembly, versionScript }) => [
        { path: `${name}.s`, content: assembly },
        { path: `${name}.map`, content: versionScript },
      ]),
      { path: "include/pthread.h", content: pthreadHeader },
      { path: "include/errno.h", content: errnoHeader },
      { path: "include/link.h", content: linkHeader },
      { path: "crtbegin_so.c", content: crtBegin(api) },
      { path: "crtend_so.s", content: crtEnd },
    ],
    commands: [
      ...libraries.flatMap(({ name }) => [clang("-c", `${name}.s`, "-o", `${name}.o`), linkStub(name, rust)]),
      clang("-O2", "-fPIC", "-ffreestanding", "-c", "crtbegin_so.c", "-o", "crtbegin_so.o"),
      clang("-c", "crtend_so.s", "-o", "crtend_so.o"),
      ...unwinderSources(target).map((source) => compileUnwinder(source, target, facts, clang)),
      {
        program: zigProgram(facts.zig),
        args: ["ar", "rcsD", "libunwind.a", ...unwinderSources(target).map(({ file }) => `${file}.o`)],
      },
    ],
    environment: zigEnvironment(facts),
  };
  return generatedFolder("Android stub sysroot", facts.cache, `android-${api}-${target.cpu}`, recipe);
}

function linkStub(name: string, rust: RustFacts): Recipe["commands"][number] {
  const args = [
    "-flavor",
    "gnu",
    "-shared",
    "--hash-style=both",
    `-soname=${name}`,
    `--version-script=${name}.map`,
  ];
  return { program: rustLld(rust), args: [...args, "-o", name, `${name}.o`] };
}

interface UnwinderSource {
  readonly file: string;
  readonly flags: readonly string[];
}

function unwinderSources(target: Target): readonly UnwinderSource[] {
  const cpp = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-nostdinc++"];
  const c = ["-std=c11", "-fexceptions"];
  return [
    { file: "libunwind.cpp", flags: cpp },
    ...(target.cpu === "armv7" ? [{ file: "Unwind-EHABI.cpp", flags: cpp }] : []),
    { file: "UnwindLevel1.c", flags: c },
    { file: "UnwindLevel1-gcc-ext.c", flags: c },
    { file: "UnwindRegistersSave.S", flags: [] },
    { file: "UnwindRegistersRestore.S", flags: [] },
  ];
}

/** Against musl's headers, but for the types and names in which bionic differs; those stand in include/. */
function compileUnwinder(
  { file, flags }: UnwinderSource,
  target: Target,
  facts: HostFacts,
  clang: (...args: string[]) => Recipe["commands"][number],
): Recipe["commands"][number] {
  const library = zigLibrary(facts.zig);
  const cpu = { armv7: "arm", i686: "x86" }[target.cpu] ?? target.cpu;
  const headers = [
    "include",
    join(library, "include"),
    join(library, "libc", "include", `${cpu}-linux-musl`),
    join(library, "libc", "include", "generic-musl"),
  ];
  const definitions = ["_LIBUNWIND_IS_NATIVE_ONLY", "_LIBUNWIND_HIDE_SYMBOLS", "NDEBUG", "__BIONIC__"];
  return clang(
    "-nostdinc",
    ...headers.flatMap((folder) => ["-isystem", folder]),
    `-I${join(library, "libunwind", "include")}`,
    ...definitions.map((name) => `-D${name}`),
    ...["-O2", "-fPIC", "-fvisibility=hidden", "-funwind-tables", ...flags],
    ...["-c", join(library, "libunwind", "src", file), "-o", `${file}.o`],
  );
}

/** bionic's lock has 10 words where musl's has 8 on 32-bit systems; a shorter one would be written past its end. */
const pthreadHeader = `#pragma once
#ifdef __LP64__
typedef struct { int words[14]; } pthread_rwlock_t;
#else
typedef struct { int words[10]; } pthread_rwlock_t;
#endif
#define PTHREAD_RWLOCK_INITIALIZER { { 0 } }
#ifdef __cplusplus
extern "C" {
#endif
int pthread_rwlock_rdlock(pthread_rwlock_t *);
int pthread_rwlock_wrlock(pthread_rwlock_t *);
int pthread_rwlock_unlock(pthread_rwlock_t *);
#ifdef __cplusplus
}
#endif
`;

/** bionic calls the accessor __errno, musl __errno_location. */
const errnoHeader = `#pragma once
#include <bits/errno.h>
#ifdef __cplusplus
extern "C"
#endif
int *__errno(void);
#define errno (*__errno())
`;

/** The ARM exception index lookup that only bionic has. */
const linkHeader = `#pragma once
#include_next <link.h>
#include <stdint.h>
typedef uintptr_t _Unwind_Ptr;
#ifdef __cplusplus
extern "C"
#endif
_Unwind_Ptr dl_unwind_find_exidx(_Unwind_Ptr pc, int *count);
`;

/** What every shared object needs of its own: a handle for its exit handlers, and the note that names its API level. */
function crtBegin(api: number): string {
  return `extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void __cxa_finalize(void *);

__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

__attribute__((visibility("hidden"))) int atexit(void (*handler)(void)) {
  return __cxa_atexit((void (*)(void *))handler, 0, &__dso_handle);
}

__attribute__((destructor)) static void run_exit_handlers(void) { __cxa_finalize(&__dso_handle); }

__attribute__((section(".note.android.ident"), used, aligned(4))) static const struct {
  unsigned name_size, content_size, type;
  char name[8];
  unsigned api_level;
} identity = {8, 4, 1, "Android", ${api}};
`;
}

/** Ends the list of unwind entries. */
const crtEnd = `.section .eh_frame, "a", %progbits
.p2align 2
.long 0
`;
