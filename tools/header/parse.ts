// The parser's top level: declarations, linkage blocks, assertions and pragmas.
import { isTruthy, type Value } from "./constant.ts";
import type { ParseContext } from "./context.ts";
import { Cursor } from "./cursor.ts";
import { Declarations } from "./declarations.ts";
import { declare } from "./declare.ts";
import { parseDeclarator, parseTypeName, type Declarator } from "./declarator.ts";
import { evaluate, parseExpression, type Scope } from "./expression.ts";
import { LayoutEngine } from "./layout.ts";
import type { Token } from "./lex.ts";
import type { AbiClass, CType } from "./model.ts";
import { PackStack } from "./pragma.ts";
import type { PreprocessedUnit } from "./preprocess.ts";
import { readEnum, readRecord } from "./record.ts";
import { parseSpecifiers, startsType, type Specifiers } from "./specifiers.ts";

/** A parsed header for one ABI class. */
export interface ParsedUnit {
  readonly declarations: Declarations;
  readonly layout: LayoutEngine;
  /** A parser at the start of other tokens, e.g. a macro's body, that knows all declarations. */
  contextFor(tokens: readonly Token[]): ParseContext;
}

export function parse(unit: PreprocessedUnit, abiClass: AbiClass): ParsedUnit {
  const parser = new Parser(unit, abiClass);
  parser.translationUnit();
  const { declarations, layout } = parser;
  return { declarations, layout, contextFor: (tokens) => parser.at(tokens) };
}

class Parser implements ParseContext {
  readonly cursor: Cursor;
  readonly declarations: Declarations;
  readonly systemTypes: ReadonlySet<string>;
  readonly layout: LayoutEngine;
  readonly scope: Scope;
  bodyDepth = 0;
  private readonly unit: PreprocessedUnit;
  private readonly abiClass: AbiClass;
  private readonly packing = new PackStack();

  constructor(unit: PreprocessedUnit, abiClass: AbiClass, tokens = unit.tokens, base?: Parser) {
    this.unit = unit;
    this.abiClass = abiClass;
    this.cursor = new Cursor(tokens);
    this.systemTypes = unit.systemTypes;
    this.declarations = base?.declarations ?? new Declarations();
    this.layout = base?.layout ?? new LayoutEngine(this.declarations, abiClass);
    this.scope = this.newScope();
  }

  get pack(): number | null {
    return this.packing.limit;
  }

  at(tokens: readonly Token[]): ParseContext {
    return new Parser(this.unit, this.abiClass, tokens, this);
  }

  translationUnit(): void {
    while (!this.cursor.isAtEnd) this.external();
  }

  integer(what: string): number {
    const at = this.cursor.peek();
    const value = evaluate(parseExpression(this.cursor, this.scope), this.scope);
    if (value.kind === "integer" && value.value >= 0n && value.value < 2n ** 31n) return Number(value.value);
    throw this.cursor.error(
      "header-range",
      `${what} must be an integer from 0 to 2147483647`,
      "write such a constant",
      at,
    );
  }

  readRecord(): CType {
    return this.cursor.nested(() => readRecord(this));
  }

  readEnum(): CType {
    return readEnum(this);
  }

  takePragmas(): void {
    while (this.cursor.peek().kind === "pragma") this.packing.apply(this.cursor.take(), this.cursor);
  }

  private external(): void {
    const { cursor } = this;
    this.takePragmas();
    if (cursor.isAtEnd || cursor.accept(";")) return;
    if (cursor.is("extern") && cursor.peek(1).kind === "string") {
      this.linkage();
      return;
    }
    if (cursor.is("_Static_assert", "static_assert")) {
      this.assertion();
      return;
    }
    this.declaration();
  }

  /** `extern "C" { … }`, for headers that write it without asking for C++. */
  private linkage(): void {
    const { cursor } = this;
    cursor.take();
    const language = cursor.take();
    if (language.text !== '"C"') {
      throw cursor.error(
        "header-linkage",
        `extern ${language.text} has no C interface`,
        'export it as extern "C"',
        language,
      );
    }
    if (!cursor.is("{")) {
      this.external();
      return;
    }
    const open = cursor.take();
    while (!cursor.is("}")) {
      if (cursor.isAtEnd)
        throw cursor.error("header-syntax", 'this extern "C" block is not closed', "add its }", open);
      cursor.nested(() => this.external());
    }
    cursor.take();
  }

  private assertion(): void {
    const { cursor } = this;
    const at = cursor.take();
    cursor.expect("(", "behind the assertion");
    const value = evaluate(parseExpression(cursor, this.scope), this.scope);
    let message = "";
    if (cursor.accept(","))
      while (cursor.peek().kind === "string") message += cursor.take().text.slice(1, -1);
    cursor.expect(")", "behind the assertion");
    cursor.expect(";", "behind the assertion");
    if (!isTruthy(value)) {
      const where = `does not hold in class ${this.abiClass}`;
      throw cursor.error(
        "header-assertion",
        `this assertion ${where}${message === "" ? "" : `: ${message}`}`,
        "correct it or the type",
        at,
      );
    }
  }

  private declaration(): void {
    const { cursor } = this;
    const specifiers = parseSpecifiers(this);
    if (cursor.is(";")) {
      cursor.take();
      return;
    }
    const declarators: Declarator[] = [];
    do {
      const declarator = parseDeclarator(this, specifiers.type, specifiers.attributes);
      if (declarator.name === undefined) throw cursor.unexpected("the name that is declared");
      if (cursor.is("{")) {
        this.inlineFunction(specifiers, declarator.name);
        return;
      }
      if (cursor.is("=")) {
        this.constantObject(specifiers, declarator, declarator.name);
        return;
      }
      // A typedef may be used by the declarators behind it.
      if (specifiers.storage === "typedef") declare(this, specifiers, declarator, declarator.name);
      else declarators.push(declarator);
    } while (cursor.accept(","));
    cursor.expect(";", "behind the declaration");
    for (const declarator of declarators) declare(this, specifiers, declarator, declarator.name as Token);
  }

  /** Code in a header has no symbol: only its braces are matched. */
  private inlineFunction(specifiers: Specifiers, name: Token): void {
    const { cursor } = this;
    if (!specifiers.isInline && specifiers.storage !== "static") {
      throw cursor.error(
        "header-definition",
        `the function '${name.text}' has a body`,
        "declare it, and define it in a source file",
        name,
      );
    }
    const open = cursor.peek();
    let depth = 0;
    do {
      if (cursor.isAtEnd)
        throw cursor.error("header-syntax", "this function body is not closed", "add its }", open);
      const token = cursor.take();
      if (token.kind === "punctuator" && token.text === "{") depth += 1;
      if (token.kind === "punctuator" && token.text === "}") depth -= 1;
    } while (depth > 0);
    this.declarations.inlines.add(name.text);
  }

  /** `static const int x = 3;` is a constant like any other. */
  private constantObject(specifiers: Specifiers, declarator: Declarator, name: Token): void {
    const { cursor } = this;
    const resolved = this.declarations.resolve(declarator.type);
    if (specifiers.storage !== "static" || resolved.const !== true || resolved.kind !== "integer") {
      throw cursor.error(
        "header-definition",
        `'${name.text}' is defined, not only declared`,
        "write extern, or make it a static const integer",
        name,
      );
    }
    cursor.take();
    const start = cursor.index;
    parseExpression(cursor, this.scope);
    const initializer = cursor.tokens.slice(start, cursor.index);
    cursor.expect(";", "behind the value");
    const value = this.valueAs(declarator.type, initializer, name);
    const extent = { first: specifiers.first, last: cursor.previous };
    this.declarations.constants.set(name.text, { name: name.text, token: name, extent, value });
  }

  /** The value of the tokens, converted to `type` as an initializer is. */
  private valueAs(type: CType, tokens: readonly Token[], name: Token): Value {
    const end: Token = { ...name, kind: "end", text: "" };
    const parser = new Parser(this.unit, this.abiClass, [...tokens, end], this);
    const operand = parseExpression(parser.cursor, parser.scope);
    return evaluate({ kind: "cast", token: name, type, operand }, parser.scope);
  }

  private newScope(): Scope {
    const { declarations, layout, abiClass } = this;
    return {
      abiClass,
      isCondition: false,
      constant: (name) => declarations.enumerators.get(name) ?? declarations.constants.get(name)?.value,
      typeName: (cursor) => this.parenthesizedType(cursor),
      resolve: (type) => declarations.resolve(type),
      sizeOf: (type, at) => layout.measure(type, at).size,
      alignOf: (type, at) => layout.measure(type, at).align,
    };
  }

  private parenthesizedType(cursor: Cursor): CType | undefined {
    if (cursor !== this.cursor || !cursor.is("(")) return undefined;
    cursor.index += 1;
    if (!startsType(this)) {
      cursor.index -= 1;
      return undefined;
    }
    const type = parseTypeName(this);
    cursor.expect(")", "behind the type");
    return type;
  }
}
