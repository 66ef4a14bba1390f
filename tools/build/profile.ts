// The two ways to compile: what ships, and what is quick to look at.
export type ProfileName = "release" | "quick";

/** Settings of cargo's release profile, given in full so that no project file has to hold them. */
export function profileEnvironment(profile: ProfileName, panic: "unwind" | "abort"): Record<string, string> {
  const isRelease = profile === "release";
  return {
    CARGO_INCREMENTAL: "0",
    CARGO_PROFILE_RELEASE_OPT_LEVEL: isRelease ? "3" : "1",
    // Fat LTO with one unit saves a quarter of the library against 16 units without it, for about 25 s a target.
    CARGO_PROFILE_RELEASE_LTO: isRelease ? "fat" : "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: isRelease ? "1" : "16",
    CARGO_PROFILE_RELEASE_PANIC: panic,
    CARGO_PROFILE_RELEASE_STRIP: "symbols",
    CARGO_PROFILE_RELEASE_DEBUG: "0",
    CARGO_PROFILE_RELEASE_INCREMENTAL: "false",
  };
}
