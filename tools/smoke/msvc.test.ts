// How the linker words of an MSVC archive read in MinGW's language.
import { expect, test } from "vitest";
import { mingwWords } from "./msvc.ts";

test("system libraries keep their names, and Microsoft's C runtime is MinGW's own", () => {
  expect(
    mingwWords(["legacy_stdio_definitions.lib", "bcrypt.lib", "ws2_32.lib", "/defaultlib:msvcrt"]),
  ).toEqual(["-lbcrypt", "-lws2_32"]);
});
