// What is known of a platform's own SDK that was found on the machine.

export interface AndroidNdk {
  readonly folder: string;
  /** As its source.properties name it, e.g. "27.2.12479018"; empty where it names none. */
  readonly version: string;
}

/** Xcode on a Mac, or osxcross, which carries Apple's macOS SDK to Linux. */
export type AppleSdk = Xcode | Osxcross;

export interface Xcode {
  readonly kind: "xcode";
  /** Versions of the SDKs by the name that xcrun knows them by; the command line tools alone have only "macosx". */
  readonly versions: Readonly<Partial<Record<AppleSdkName, string>>>;
}

export type AppleSdkName = "macosx" | "iphoneos" | "iphonesimulator";

export interface Osxcross {
  readonly kind: "osxcross";
  /** Folder of its compilers. */
  readonly bin: string;
  /** Folder of the macOS SDK. */
  readonly sdk: string;
  /** Version of the macOS SDK. */
  readonly version: string;
  /** Prefixes of its compilers by processor, e.g. "x86_64-apple-darwin23.2". */
  readonly prefixes: Readonly<Partial<Record<string, string>>>;
}

/** Visual Studio on Windows, or the folder into which xwin laid out Microsoft's headers and libraries. */
export type MicrosoftSdk = VisualStudio | Xwin;

export interface VisualStudio {
  readonly kind: "visual-studio";
  readonly folder: string;
  /** Of its compilers, e.g. "14.41.34120". */
  readonly version: string;
  /** Processors, as Rust names them, whose libraries are installed. */
  readonly cpus: readonly string[];
}

export interface Xwin {
  readonly kind: "xwin";
  readonly folder: string;
  /** Of the C runtime, e.g. "14.41.34120"; empty where its headers do not say. */
  readonly version: string;
  /** Folders of the libraries by processor, as Rust names it: C runtime, Windows, universal C runtime. */
  readonly libraries: Readonly<Partial<Record<string, readonly string[]>>>;
}

/** Name and version, for plans, reports and manifests. */
export function named(name: string, version: string): string {
  return version === "" ? name : `${name} ${version}`;
}
