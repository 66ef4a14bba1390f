// Good packages in the forms of other ecosystems, made from the committed fixtures by the writers of the mutations.
import { readFixture } from "./fixture-artifact.ts";
import { sign } from "./macho-writer.ts";
import { putTogether, type PackageForm, type PackagePart } from "./package-archive.ts";
import { part, resealed, type MadePackage } from "./package-mutation.ts";

export function madePackage(name: MadePackage): { readonly fileName: string; readonly bytes: Buffer } {
  const { fileName, form, parts } = recipes[name]();
  return { fileName, bytes: putTogether({ form, parts: resealed(parts) }).bytes };
}

interface Recipe {
  readonly fileName: string;
  readonly form: PackageForm;
  readonly parts: readonly PackagePart[];
}

const recipes: Readonly<Record<MadePackage, () => Recipe>> = {
  "linux wheel": () =>
    wheel("manylinux_2_17_x86_64", "cpython-311-x86_64-linux-gnu", [
      "x86_64-unknown-linux-gnu",
      "libfixture.so",
    ]),
  "macos wheel": () =>
    wheel("macosx_11_0_arm64", "cpython-311-darwin", ["aarch64-apple-darwin", "libfixture.dylib"]),
  aar: () => ({
    fileName: "fixture-1.0.aar",
    form: "zip",
    parts: [
      part("AndroidManifest.xml", '<manifest package="org.example.fixture"/>'),
      part("LICENSE", "Apache-2.0"),
      part("jni/arm64-v8a/libfixture.so", fixture("aarch64-linux-android", "libfixture.so")),
      part("jni/armeabi-v7a/libfixture.so", fixture("armv7-linux-androideabi", "libfixture.so")),
    ],
  }),
  nupkg: () => ({
    fileName: "Fixture.1.0.0.nupkg",
    form: "zip",
    parts: [
      part("Fixture.nuspec", "<package><metadata><id>Fixture</id></metadata></package>"),
      part("LICENSE", "Apache-2.0"),
      part("runtimes/linux-x64/native/libfixture.so", fixture("x86_64-unknown-linux-gnu", "libfixture.so")),
      part(
        "runtimes/linux-musl-x64/native/libfixture.so",
        fixture("x86_64-unknown-linux-musl", "libfixture.so"),
      ),
      part("runtimes/osx-arm64/native/libfixture.dylib", fixture("aarch64-apple-darwin", "libfixture.dylib")),
      part("runtimes/win-x64/native/fixture.dll", fixture("x86_64-pc-windows-gnullvm", "fixture.dll")),
    ],
  }),
  "linux archive with a program": () => ({
    fileName: "fixture-tools.tar.gz",
    form: "tar.gz",
    parts: [part("tools/LICENSE", "Apache-2.0"), part("tools/bin/fixture", program(), 0o755)],
  }),
};

function fixture(triple: string, fileName: string): Buffer {
  const bytes = readFixture(triple).get(fileName);
  if (bytes === undefined) throw new Error(`no fixture ${triple}/${fileName}`);
  return bytes;
}

/** The shared library says that it is a program; nobody runs it. */
function program(): Buffer {
  const [typeAt, executable] = [16, 2];
  const bytes = fixture("x86_64-unknown-linux-gnu", "libfixture.so");
  bytes.writeUInt16LE(executable, typeAt);
  return bytes;
}

/** The beginning of the names of the fixture's functions has as many letters as that of a module's entry. */
const namedAsEntry = ["fixture_", "PyInit_m"] as const;
const moduleName = "mcopy";

function wheel(tag: string, ending: string, [triple, library]: readonly [string, string]): Recipe {
  const text = fixture(triple, library)
    .toString("latin1")
    .replaceAll(...namedAsEntry);
  const module = Buffer.from(text, "latin1");
  const info = `${moduleName}-1.0.dist-info`;
  return {
    fileName: `${moduleName}-1.0-cp311-cp311-${tag}.whl`,
    form: "zip",
    parts: [
      part(`${moduleName}.${ending}.so`, library.endsWith(".dylib") ? sign(module) : module),
      part(
        `${info}/WHEEL`,
        `Wheel-Version: 1.0\nGenerator: fixture\nRoot-Is-Purelib: false\nTag: cp311-cp311-${tag}\n`,
      ),
      part(`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${moduleName}\nVersion: 1.0\n`),
      part(`${info}/LICENSE`, "Apache-2.0"),
      part(`${info}/RECORD`, ""),
    ],
  };
}
