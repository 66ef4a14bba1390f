// Makes foreign text safe to print: names inside a package can hold commands to the terminal.

/** Longer values are cut: one line of a finding stays one line. */
const longest = 400;

/**
 * Control characters (C0, C1, DEL), line separators, marks that turn the writing direction, and halves of surrogate
 * pairs become escapes; what is left prints as itself.
 */
export function visible(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replaceAll(
    /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
