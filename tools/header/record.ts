// Bodies of structs, unions and enums.
import { noAttributes, takeAttribute, type Attributes } from "./attributes.ts";
import type { ParseContext } from "./context.ts";
import type { FieldDeclaration, RecordDeclaration } from "./declarations.ts";
import { parseDeclarator } from "./declarator.ts";
import { evaluate, parseExpression } from "./expression.ts";
import type { Token } from "./lex.ts";
import type { CType, IntegerName } from "./model.ts";
import { parseSpecifiers, type Specifiers } from "./specifiers.ts";

export function readRecord(context: ParseContext): CType {
  const { cursor, declarations } = context;
  const keyword = cursor.take();
  const kind = keyword.text === "union" ? "union" : "struct";
  const attributes = takeAttributes(context);
  const tagToken = cursor.peek().kind === "identifier" ? cursor.take() : undefined;
  const key = tagToken?.text ?? declarations.unnamedKey();
  if (tagToken === undefined && !cursor.is("{")) throw cursor.unexpected(`the name or body of the ${kind}`);
  const token = tagToken ?? keyword;
  const record = declarations.records.get(key) ?? newRecord(kind, key, tagToken, token);
  if (record.kind !== kind || declarations.enums.has(key)) {
    throw cursor.error(
      "header-redeclared",
      `'${key}' is declared as something else before`,
      "use one kind of type per tag",
      token,
    );
  }
  declarations.records.set(key, record);
  if (cursor.is("{")) readBody(context, record, keyword, attributes);
  return { kind: "record", name: key };
}

function newRecord(
  kind: "struct" | "union",
  key: string,
  tag: Token | undefined,
  token: Token,
): RecordDeclaration {
  const extent = { first: token, last: token };
  return {
    kind,
    key,
    tag: tag?.text ?? null,
    token,
    extent,
    fields: null,
    isPacked: false,
    alignas: null,
    pack: null,
    isNested: false,
  };
}

function readBody(
  context: ParseContext,
  record: RecordDeclaration,
  keyword: Token,
  attributes: Attributes,
): void {
  const { cursor } = context;
  if (record.fields !== null) {
    throw cursor.error(
      "header-redeclared",
      `'${record.key}' has a body already`,
      "remove one of the two definitions",
      record.token,
    );
  }
  const pack = context.pack;
  const open = cursor.take();
  const fields: FieldDeclaration[] = [];
  record.isNested = context.bodyDepth > 0;
  context.bodyDepth += 1;
  while (!cursor.is("}")) {
    if (cursor.isAtEnd)
      throw cursor.error("header-syntax", `this ${record.kind} is not closed`, "add its }", open);
    readMember(context, fields);
  }
  context.bodyDepth -= 1;
  const close = cursor.take();
  const trailing = takeAttributes(context);
  checkNames(context, fields);
  record.fields = fields;
  record.extent = { first: keyword, last: close };
  record.pack = pack;
  record.isPacked = attributes.isPacked || trailing.isPacked;
  record.alignas =
    attributes.alignas === null && trailing.alignas === null
      ? null
      : Math.max(attributes.alignas ?? 1, trailing.alignas ?? 1);
}

function readMember(context: ParseContext, fields: FieldDeclaration[]): void {
  const { cursor } = context;
  context.takePragmas();
  if (cursor.is("}") || cursor.accept(";")) return;
  if (cursor.is("_Static_assert", "static_assert")) {
    throw cursor.error("header-syntax", "an assertion inside a struct", "move it behind the struct");
  }
  const specifiers = parseSpecifiers(context);
  if (specifiers.storage !== null) {
    throw cursor.error(
      "header-syntax",
      `'${specifiers.storage}' inside a struct`,
      "remove it",
      specifiers.first,
    );
  }
  const start = fields.length;
  if (cursor.is(";")) fields.push(anonymousMember(context, specifiers));
  else {
    do fields.push(readField(context, specifiers));
    while (cursor.accept(","));
  }
  const last = cursor.expect(";", "behind the member");
  for (let index = start; index < fields.length; index += 1) {
    const field = fields[index] as FieldDeclaration;
    fields[index] = { ...field, extent: { first: specifiers.first, last } };
  }
}

/** `struct { … };` inside a struct: its members belong to the outer one. */
function anonymousMember(context: ParseContext, specifiers: Specifiers): FieldDeclaration {
  const { type, first } = specifiers;
  const record = type.kind === "record" ? context.declarations.records.get(type.name) : undefined;
  if (record?.tag !== null || record.fields === null) {
    throw context.cursor.error(
      "header-syntax",
      "a member without a name",
      "name it, or use an anonymous struct or union",
      first,
    );
  }
  return field(specifiers, first, "", type, specifiers.attributes);
}

function readField(context: ParseContext, specifiers: Specifiers): FieldDeclaration {
  const { cursor } = context;
  const at = cursor.peek();
  if (cursor.is(":"))
    return { ...field(specifiers, at, "", specifiers.type, specifiers.attributes), bits: readBits(context) };
  const declarator = parseDeclarator(context, specifiers.type, specifiers.attributes);
  if (declarator.name === undefined) throw cursor.unexpected("the name of the member");
  const merged: Attributes = {
    ...declarator.attributes,
    isPacked: declarator.attributes.isPacked || specifiers.attributes.isPacked,
    alignas: maxOrNull(declarator.attributes.alignas, specifiers.attributes.alignas),
  };
  const bits = cursor.is(":") ? { bits: readBits(context) } : {};
  while (takeAttribute(cursor, merged, () => context.integer("an alignment")));
  return { ...field(specifiers, declarator.name, declarator.name.text, declarator.type, merged), ...bits };
}

function field(
  specifiers: Specifiers,
  token: Token,
  name: string,
  type: CType,
  attributes: Attributes,
): FieldDeclaration {
  const alignas = attributes.alignas === null ? {} : { alignas: attributes.alignas };
  return {
    name,
    token,
    extent: { first: specifiers.first, last: token },
    type,
    isPacked: attributes.isPacked,
    ...alignas,
  };
}

function readBits(context: ParseContext): number {
  context.cursor.take();
  return context.integer("the width of the bit-field");
}

function maxOrNull(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : Math.max(left, right);
}

function takeAttributes(context: ParseContext): Attributes {
  const attributes = noAttributes();
  while (takeAttribute(context.cursor, attributes, () => context.integer("an alignment")));
  return attributes;
}

function checkNames(context: ParseContext, fields: readonly FieldDeclaration[]): void {
  const seen = new Set<string>();
  for (const { name, token } of fields) {
    if (name !== "" && seen.has(name)) {
      throw context.cursor.error(
        "header-redeclared",
        `two members are named '${name}'`,
        "rename one of them",
        token,
      );
    }
    seen.add(name);
  }
}

export function readEnum(context: ParseContext): CType {
  const { cursor, declarations } = context;
  const keyword = cursor.take();
  takeAttributes(context);
  const tagToken = cursor.peek().kind === "identifier" ? cursor.take() : undefined;
  const key = tagToken?.text ?? declarations.unnamedKey();
  const token = tagToken ?? keyword;
  if (cursor.is(":"))
    throw cursor.error(
      "header-enum",
      "a fixed underlying type is C23",
      "let the enum be an int, or use constants",
    );
  if (!cursor.is("{")) {
    if (tagToken !== undefined && declarations.enums.has(key)) return { kind: "enum", name: key };
    throw cursor.error(
      "header-enum",
      `the values of enum ${key} are not known here`,
      "define the enum before its use",
      token,
    );
  }
  if (declarations.enums.has(key) || declarations.records.has(key)) {
    throw cursor.error(
      "header-redeclared",
      `'${key}' is declared before`,
      "remove one of the two definitions",
      token,
    );
  }
  cursor.take();
  const values = readEnumerators(context);
  const last = cursor.expect("}", "behind the values of the enum");
  takeAttributes(context);
  const underlying = underlyingType(
    context,
    token,
    values.map(({ value }) => value),
  );
  declarations.enums.set(key, {
    key,
    tag: tagToken?.text ?? null,
    token,
    extent: { first: keyword, last },
    values,
    underlying,
  });
  return { kind: "enum", name: key };
}

function readEnumerators(
  context: ParseContext,
): { name: string; value: bigint; extent: { first: Token; last: Token } }[] {
  const { cursor, declarations } = context;
  const values: { name: string; value: bigint; extent: { first: Token; last: Token } }[] = [];
  let next = 0n;
  while (!cursor.is("}")) {
    const token = cursor.expectIdentifier("the name of a value");
    takeAttributes(context);
    if (cursor.accept("=")) next = readValue(context);
    if (declarations.enumerators.has(token.text)) {
      throw cursor.error(
        "header-redeclared",
        `the value '${token.text}' is declared before`,
        "rename one of them",
        token,
      );
    }
    declarations.enumerators.set(token.text, { kind: "integer", type: integerFor(next), value: next });
    const value = next;
    next += 1n;
    const hasMore = cursor.accept(",");
    values.push({ name: token.text, value, extent: { first: token, last: cursor.previous } });
    if (!hasMore) break;
  }
  return values;
}

function readValue(context: ParseContext): bigint {
  const at = context.cursor.peek();
  const value = evaluate(parseExpression(context.cursor, context.scope), context.scope);
  if (value.kind === "integer") return value.value;
  throw context.cursor.error(
    "header-enum",
    "the value of an enumerator is no integer",
    "use an integer constant",
    at,
  );
}

function integerFor(value: bigint): IntegerName {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return "int";
  return value < 2n ** 32n && value >= 0n ? "unsigned int" : "long long";
}

/** Compilers agree on 32 bits as long as every value fits; beyond that they do not. */
function underlyingType(context: ParseContext, token: Token, values: readonly bigint[]): IntegerName {
  const hasNegative = values.some((value) => value < 0n);
  const limit = hasNegative ? 2n ** 31n : 2n ** 32n;
  if (values.every((value) => value < limit && value >= -(2n ** 31n)))
    return hasNegative ? "int" : "unsigned int";
  const remedy = "keep the values within 32 bits, or use constants";
  throw context.cursor.error(
    "header-enum",
    "the values of this enum need more than 32 bits, on which compilers differ",
    remedy,
    token,
  );
}
