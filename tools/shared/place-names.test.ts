// What is kept says of folders.
import { describe, expect, it } from "vitest";
import { withPlaceNames } from "./place-names.ts";

const places = [
  { folder: "/srv/ann", name: "~" },
  { folder: "/srv/ann/my (first) checkout", name: "" },
  { folder: "/srv/ann/cache", name: "$CACHE" },
];

describe("the texts of a report", () => {
  it("name files of the project from its folder, those of the cache by its name, and other files of the home by ~", () => {
    const report = {
      path: "/srv/ann/my (first) checkout/artifacts/libx.so",
      argv: [
        "/srv/ann/cache/zig",
        "/srv/ann/zig",
        "-L/srv/ann/my (first) checkout/lib",
        "/usr/bin/cc",
        "file:///srv/ann/x",
      ],
      seconds: 1,
      library: null,
    };
    expect(withPlaceNames(report, places)).toEqual({
      path: "artifacts/libx.so",
      argv: ["$CACHE/zig", "~/zig", "-Llib", "/usr/bin/cc", "file://~/x"],
      seconds: 1,
      library: null,
    });
  });

  it("keep a folder whose name only begins or ends the same", () => {
    const kept = ["/srv/anna/x", "/srv/ann-2/x", "/srv/ann.old", "/srv/anné", "/mnt/srv/ann/x"];
    expect(withPlaceNames(kept, places)).toEqual(kept);
  });

  it("name the folders themselves", () => {
    expect(withPlaceNames(["in /srv/ann:", "/srv/ann/my (first) checkout", "of /srv/ann."], places)).toEqual([
      "in ~:",
      ".",
      "of ~.",
    ]);
  });

  it("name what Wine calls by a drive, and what JSON writes with doubled separators", () => {
    const library = String.raw`Z:\srv\ann\cache\x.dll`;
    expect(withPlaceNames([library, JSON.stringify({ library })], places)).toEqual([
      String.raw`Z:$CACHE\x.dll`,
      String.raw`{"library":"Z:$CACHE\\x.dll"}`,
    ]);
  });

  it("are not changed by a home that is the root of the file system", () => {
    expect(withPlaceNames(["/usr/bin/cc"], [{ folder: "/", name: "~" }])).toEqual(["/usr/bin/cc"]);
  });
});
