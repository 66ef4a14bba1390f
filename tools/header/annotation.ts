// Whether tokens only annotate a declaration, as the bodies of export and calling-convention macros do.
import { noAttributes, takeAttribute } from "./attributes.ts";
import type { ParseContext } from "./context.ts";
import { HeaderError } from "./source.ts";
import { startsType } from "./specifiers.ts";

/** What a macro that is no expression may consist of: specifiers, attributes, type names and stars. */
export function isAnnotation(context: ParseContext): boolean {
  const { cursor } = context;
  try {
    while (!cursor.isAtEnd) {
      if (takeAttribute(cursor, noAttributes(), () => context.integer("an alignment"))) continue;
      if (
        cursor.is(
          "extern",
          "static",
          "inline",
          "__inline",
          "__inline__",
          "_Noreturn",
          "const",
          "volatile",
          "restrict",
          "*",
          "__restrict",
        )
      )
        cursor.take();
      else if (cursor.peek().kind === "string" && cursor.previous.text === "extern") cursor.take();
      else if (cursor.is("{") && cursor.previous.kind === "string") cursor.take();
      else if (startsType(context) && !cursor.is("struct", "union", "enum")) cursor.take();
      else return false;
    }
    return true;
  } catch (error) {
    if (error instanceof HeaderError) return false;
    throw error;
  }
}
