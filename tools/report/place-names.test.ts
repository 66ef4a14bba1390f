// What a report says of folders.
import { describe, expect, it } from "vitest";
import { withPlaceNames } from "./place-names.ts";

const places = [
  { folder: "/home/ann/my (first) checkout", name: "" },
  { folder: "/home/ann", name: "~" },
];

describe("a report's texts", () => {
  it("name files of the project from its folder, and other files of the home by ~", () => {
    const report = {
      path: "/home/ann/my (first) checkout/artifacts/libx.so",
      argv: ["/home/ann/.cache/zig", "-L/home/ann/my (first) checkout/lib", "/usr/bin/cc"],
      seconds: 1,
      library: null,
    };
    expect(withPlaceNames(report, places)).toEqual({
      path: "artifacts/libx.so",
      argv: ["~/.cache/zig", "-Llib", "/usr/bin/cc"],
      seconds: 1,
      library: null,
    });
  });

  it("keep a folder whose name only begins the same", () => {
    const kept = ["/home/anna/x", "/home/ann-2/x", "/home/ann.old"];
    expect(withPlaceNames(kept, places)).toEqual(kept);
  });

  it("name the folders themselves", () => {
    expect(withPlaceNames(["in /home/ann:", "/home/ann/my (first) checkout"], places)).toEqual([
      "in ~:",
      ".",
    ]);
  });

  it("are not changed by a home that is the root of the file system", () => {
    expect(withPlaceNames(["/usr/bin/cc"], [{ folder: "/", name: "~" }])).toEqual(["/usr/bin/cc"]);
  });
});
