// How a Unix-like driver is told the linker words of an MSVC archive.
import { expect, test } from "vitest";
import { unixNames } from "./msvc.ts";

test("system libraries keep their names, and the C runtime is left to the driver", () => {
  expect(
    unixNames(["legacy_stdio_definitions.lib", "bcrypt.lib", "ws2_32.lib", "/defaultlib:msvcrt"]),
  ).toEqual(["-lbcrypt", "-lws2_32"]);
});
