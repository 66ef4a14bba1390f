// Declaration specifiers: storage class, qualifiers, and the type that the declarators build on.
import { nearestNames } from "../shared/nearest.ts";
import { checkAlignment, noAttributes, takeAttribute, type Attributes } from "./attributes.ts";
import type { ParseContext } from "./context.ts";
import { qualified } from "./declarations.ts";
import type { Token } from "./lex.ts";
import type { CType, FloatName, IntegerName } from "./model.ts";

export interface Specifiers {
  readonly first: Token;
  readonly storage: "typedef" | "extern" | "static" | null;
  readonly isInline: boolean;
  readonly type: CType;
  readonly attributes: Attributes;
}

const basicTypes: Readonly<Record<string, IntegerName | FloatName | "void">> = {
  void: "void",
  _Bool: "_Bool",
  char: "char",
  "char signed": "signed char",
  "char unsigned": "unsigned char",
  short: "short",
  "short signed": "short",
  "int short": "short",
  "int short signed": "short",
  "short unsigned": "unsigned short",
  "int short unsigned": "unsigned short",
  int: "int",
  signed: "int",
  "int signed": "int",
  unsigned: "unsigned int",
  "int unsigned": "unsigned int",
  long: "long",
  "int long": "long",
  "long signed": "long",
  "int long signed": "long",
  "long unsigned": "unsigned long",
  "int long unsigned": "unsigned long",
  "long long": "long long",
  "int long long": "long long",
  "long long signed": "long long",
  "int long long signed": "long long",
  "long long unsigned": "unsigned long long",
  "int long long unsigned": "unsigned long long",
  float: "float",
  double: "double",
  "double long": "long double",
  __int64: "long long",
  "__int64 unsigned": "unsigned long long",
  "__int64 signed": "long long",
};

const basicWords = new Set(Object.keys(basicTypes).flatMap((key) => key.split(" ")));

const spellings: Readonly<Record<string, string>> = {
  __signed__: "signed",
  __signed: "signed",
  __const: "const",
  __const__: "const",
  __volatile: "volatile",
  __volatile__: "volatile",
  __restrict: "restrict",
  __restrict__: "restrict",
  __inline: "inline",
  __inline__: "inline",
  __forceinline: "inline",
};

/** Real C that has no place in an interface for other languages, or none that is the same everywhere. */
const refused = new Set([
  ...[
    "_Atomic",
    "_Complex",
    "_Imaginary",
    "_Thread_local",
    "__thread",
    "thread_local",
    "auto",
    "register",
    "typeof",
  ],
  ...[
    "__typeof__",
    "__typeof",
    "typeof_unqual",
    "__auto_type",
    "__int128",
    "__int128_t",
    "__uint128_t",
    "_BitInt",
  ],
  ...[
    "_Float16",
    "_Float32",
    "_Float64",
    "_Float128",
    "__float128",
    "__fp16",
    "_Decimal32",
    "_Decimal64",
    "_Decimal128",
  ],
  ...["constexpr", "class", "template", "namespace", "using"],
]);

/** System types that are integers in every class; the others have no modelled layout. */
const systemIntegers: Readonly<Record<string, IntegerName>> = {
  intmax_t: "int64_t",
  uintmax_t: "uint64_t",
  // As in glibc without the switches for large files and dates; with them, and in musl, they have 64 bits everywhere.
  off_t: "long",
  time_t: "long",
  off64_t: "int64_t",
};

const modelledIntegers = new Set<string>([
  ...[
    "int8_t",
    "uint8_t",
    "int16_t",
    "uint16_t",
    "int32_t",
    "uint32_t",
    "int64_t",
    "uint64_t",
    "size_t",
    "ssize_t",
  ],
  ...["ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t"],
]);

export function isConst(word: string): boolean {
  return (spellings[word] ?? word) === "const";
}

/** The plain spelling of a keyword that compilers also know with underscores. */
export function plainKeyword(word: string): string {
  return spellings[word] ?? word;
}

/** Whether a type name can start at the cursor. */
export function startsType(context: ParseContext): boolean {
  const token = context.cursor.peek();
  if (token.kind !== "identifier") return false;
  const word = plainKeyword(token.text);
  if (basicWords.has(word) || ["const", "volatile", "struct", "union", "enum"].includes(word)) return true;
  return isTypeName(context, word);
}

export function parseSpecifiers(context: ParseContext): Specifiers {
  return new SpecifierReader(context).read();
}

function isTypeName(context: ParseContext, word: string): boolean {
  return context.declarations.typedefs.has(word) || context.systemTypes.has(word);
}

class SpecifierReader {
  private readonly context: ParseContext;
  private readonly first: Token;
  private readonly attributes = noAttributes();
  private readonly words: string[] = [];
  private storage: Specifiers["storage"] = null;
  private isInline = false;
  private qualifiers: { const?: true; volatile?: true } = {};
  private type: CType | undefined;

  constructor(context: ParseContext) {
    this.context = context;
    this.first = context.cursor.peek();
  }

  read(): Specifiers {
    while (this.readOne());
    const { first, storage, isInline, attributes } = this;
    return { first, storage, isInline, attributes, type: qualified(this.finalType(), this.qualifiers) };
  }

  private readOne(): boolean {
    const { cursor } = this.context;
    if (takeAttribute(cursor, this.attributes, () => this.context.integer("an alignment"))) return true;
    const token = cursor.peek();
    if (token.kind !== "identifier") return false;
    const word = plainKeyword(token.text);
    if (refused.has(word)) {
      throw cursor.error(
        "header-type",
        `'${word}' is not supported`,
        "use a plain C11 type that every language can pass",
      );
    }
    return this.readKeyword(word) || this.readTypeWord(word);
  }

  private readKeyword(word: string): boolean {
    const { cursor } = this.context;
    switch (word) {
      case "typedef":
      case "extern":
      case "static":
        if (this.storage !== null)
          throw cursor.error("header-syntax", "two storage classes", "keep one of them");
        this.storage = word;
        break;
      case "inline":
        this.isInline = true;
        break;
      case "const":
      case "volatile":
        this.qualifiers = { ...this.qualifiers, [word]: true };
        break;
      case "restrict":
      case "_Noreturn":
      case "__extension__":
        break;
      case "_Alignas":
      case "alignas":
        this.readAlignas();
        return true;
      default:
        return false;
    }
    cursor.take();
    return true;
  }

  private readAlignas(): void {
    const { cursor, scope } = this.context;
    const token = cursor.take();
    const type = scope.typeName(cursor);
    if (type !== undefined) this.setAlignas(scope.alignOf(type, token));
    else {
      cursor.expect("(", "behind _Alignas");
      this.setAlignas(checkAlignment(cursor, token, this.context.integer("an alignment")));
      cursor.expect(")", "behind the alignment");
    }
  }

  private setAlignas(alignment: number): void {
    this.attributes.alignas = Math.max(this.attributes.alignas ?? 0, alignment);
  }

  private readTypeWord(word: string): boolean {
    const { cursor } = this.context;
    if (basicWords.has(word) && this.type === undefined) {
      this.words.push(word);
      cursor.take();
      return true;
    }
    if (this.type !== undefined || this.words.length > 0) return false;
    if (word === "struct" || word === "union") this.type = this.context.readRecord();
    else if (word === "enum") this.type = this.context.readEnum();
    else if (isTypeName(this.context, word)) {
      cursor.take();
      this.type = this.context.declarations.typedefs.has(word)
        ? { kind: "typedef", name: word }
        : systemType(word);
    } else return false;
    return true;
  }

  private finalType(): CType {
    if (this.type !== undefined) return this.type;
    const { cursor } = this.context;
    if (this.words.length === 0) throw this.unknownType();
    const name = basicTypes[[...this.words].sort().join(" ")];
    if (name === undefined) {
      throw cursor.error(
        "header-type",
        `'${this.words.join(" ")}' is no type`,
        "write a C type such as unsigned int",
        this.first,
      );
    }
    return basicType(name);
  }

  private unknownType(): Error {
    const { cursor, declarations } = this.context;
    const token = cursor.peek();
    if (token.kind !== "identifier") return cursor.unexpected("a declaration");
    const nearest = nearestNames(token.text, [...declarations.typedefs.keys(), ...this.context.systemTypes]);
    const hint = nearest.length > 0 ? `did you mean ${nearest.join(", ")}? ` : "";
    return cursor.error(
      "header-unknown-type",
      `unknown type name '${token.text}'`,
      `${hint}declare or #include it before its use`,
    );
  }
}

function basicType(name: IntegerName | FloatName | "void"): CType {
  if (name === "void") return { kind: "void" };
  if (name === "float" || name === "double" || name === "long double") return { kind: "float", name };
  return { kind: "integer", name };
}

function systemType(name: string): CType {
  const alias = systemIntegers[name];
  if (alias !== undefined) return { kind: "integer", name: alias };
  return modelledIntegers.has(name)
    ? { kind: "integer", name: name as IntegerName }
    : { kind: "system", name };
}
