// Pragmas: #pragma pack is obeyed, a list of harmless ones is passed over, the rest is refused.
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lex.ts";

/** First words of pragmas that change neither layout nor calls. */
const harmless = new Set([
  "GCC",
  "clang",
  "warning",
  "message",
  "region",
  "endregion",
  "STDC",
  "comment",
  "mark",
]);

/** Second words of GCC and clang pragmas that do change something. */
const meaningful = new Set(["ms_struct", "options", "align", "redefine_extname", "scalar_storage_order"]);

export class PackStack {
  private readonly saved: { readonly label: string | null; readonly limit: number | null }[] = [];
  private current: number | null = null;

  get limit(): number | null {
    return this.current;
  }

  /** Obeys one #pragma token. */
  apply(token: Token, cursor: Cursor): void {
    const words = (token.pragma ?? []).map((word) => word.text);
    if (words[0] === "pack") {
      this.pack(words.slice(1), token, cursor);
      return;
    }
    if (words.length === 0) return;
    if (harmless.has(words[0] ?? "") && !words.some((word) => meaningful.has(word))) return;
    const remedy =
      "remove it, or add it to the list in tools/header/pragma.ts if it changes neither layout nor calls";
    throw cursor.error("header-pragma", `#pragma ${words.join(" ")} is not known`, remedy, token);
  }

  private pack(words: readonly string[], token: Token, cursor: Cursor): void {
    const inner = words.slice(1, -1).filter((word) => word !== ",");
    const isFramed = words[0] === "(" && words.at(-1) === ")";
    const number = inner.find((word) => /^[0-9]+$/.test(word));
    const label = inner.slice(1).find((word) => /^[A-Za-z_]\w*$/.test(word)) ?? null;
    const limit = number === undefined ? null : Number(number);
    const isValid = limit === null || [0, 1, 2, 4, 8, 16].includes(limit);
    if (!isFramed || !isValid) throw this.malformed(token, cursor);
    if (inner[0] === "push") {
      this.saved.push({ label, limit: this.current });
      if (limit !== null) this.current = limit === 0 ? null : limit;
    } else if (inner[0] === "pop") this.pop(label, token, cursor);
    else if (inner.length === 0) this.current = null;
    else if (inner.length === 1 && limit !== null) this.current = limit === 0 ? null : limit;
    else throw this.malformed(token, cursor);
  }

  private pop(label: string | null, token: Token, cursor: Cursor): void {
    let entry = this.saved.pop();
    while (label !== null && entry !== undefined && entry.label !== label) entry = this.saved.pop();
    if (entry === undefined) {
      throw cursor.error(
        "header-pragma",
        "#pragma pack(pop) without a push",
        "add the push, or remove the pop",
        token,
      );
    }
    this.current = entry.limit;
  }

  private malformed(token: Token, cursor: Cursor): Error {
    const remedy = "write pack(push, n), pack(pop), pack(n) or pack(), with n 1, 2, 4, 8 or 16";
    return cursor.error("header-pragma", "this #pragma pack is not understood", remedy, token);
  }
}
