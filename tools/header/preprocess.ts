// The preprocessor: includes, conditionals, macros and pragmas, down to one run of expanded tokens.
// Leaves out #include_next, #import, #line, #embed and every pragma that is not listed: they are errors, not skips.
import { nearestNames } from "../shared/nearest.ts";
import { evaluateCondition } from "./condition.ts";
import { includeName, lineFrom, parseDefine, spelled, unknownDirective, withoutIf } from "./directive.ts";
import { lex, type Comment, type Token } from "./lex.ts";
import { MacroTable, refuseStray } from "./macro.ts";
import type { AbiClass } from "./model.ts";
import { HeaderError, sourceFile, type SourceFile } from "./source.ts";
import { predefinedMacros, systemHeader, systemHeaderNames } from "./system-headers.ts";

/** Finds included files; the one place where the front end reads anything. */
export interface HeaderReader {
  /** The file that `#include "name"` (or `<name>`) in `from` means, or undefined if there is none. */
  resolve(name: string, isAngled: boolean, from: SourceFile): SourceFile | undefined;
}

export interface PreprocessedUnit {
  /** Ends with one "end" token. */
  readonly tokens: readonly Token[];
  readonly macros: MacroTable;
  /** Type names that the included system headers bring. */
  readonly systemTypes: ReadonlySet<string>;
  /** Comments by file, for the documentation. */
  readonly comments: ReadonlyMap<SourceFile, readonly Comment[]>;
}

const maxIncludeDepth = 64;

export function preprocess(
  files: readonly SourceFile[],
  reader: HeaderReader,
  abiClass: AbiClass,
  defines: Readonly<Record<string, string>> = {},
): PreprocessedUnit {
  const unit = new Preprocessor(reader, abiClass);
  const given = Object.entries(defines).map(([name, text]) => `#define ${name} ${text}\n`);
  unit.system("<predefined>", predefinedMacros(abiClass) + given.join(""));
  for (const file of files) unit.include(file);
  return unit.finish(files);
}

interface Group {
  readonly opened: Token;
  /** The surrounding text is not skipped. */
  readonly isOuterActive: boolean;
  isActive: boolean;
  /** One of the branches was taken. */
  isDone: boolean;
  hasElse: boolean;
}

class Preprocessor {
  private readonly reader: HeaderReader;
  private readonly abiClass: AbiClass;
  private readonly macros = new MacroTable();
  private readonly output: Token[] = [];
  private readonly once = new Set<string>();
  private readonly systemTypes = new Set<string>();
  private readonly systemSeen = new Set<string>();
  private readonly comments = new Map<SourceFile, readonly Comment[]>();
  private depth = 0;
  private isSystem = false;

  constructor(reader: HeaderReader, abiClass: AbiClass) {
    this.reader = reader;
    this.abiClass = abiClass;
  }

  finish(files: readonly SourceFile[]): PreprocessedUnit {
    const file = files.at(-1) ?? sourceFile("<empty>", "", "");
    const offset = file.text.length;
    const end: Token = {
      kind: "end",
      text: "",
      file,
      offset,
      end: offset,
      startsLine: true,
      spaceBefore: false,
    };
    const { macros, systemTypes, comments } = this;
    return { tokens: [...this.output, end], macros, systemTypes, comments };
  }

  system(name: string, text: string): void {
    this.isSystem = true;
    this.include(sourceFile(name, "", text));
    this.isSystem = false;
  }

  include(file: SourceFile, by?: Token): void {
    if (this.once.has(file.path)) return;
    if (this.depth >= maxIncludeDepth) {
      const remedy = `put an include guard or #pragma once into ${file.name}`;
      throw new HeaderError(
        "header-include-depth",
        by ?? startOf(file),
        `includes are nested over ${maxIncludeDepth} deep`,
        remedy,
      );
    }
    const lexed = lex(file);
    if (!this.isSystem) this.comments.set(file, lexed.comments);
    this.depth += 1;
    this.lines(lexed.tokens);
    this.depth -= 1;
  }

  private lines(tokens: readonly Token[]): void {
    const groups: Group[] = [];
    let text: Token[] = [];
    const flush = (): void => {
      refuseStray(text);
      // One by one: a spread of a hundred thousand tokens would not fit the stack.
      for (const token of this.macros.expand(text)) this.output.push(token);
      text = [];
    };
    for (let index = 0; index < tokens.length;) {
      const token = tokens[index] as Token;
      if (token.kind === "end") break;
      if (token.startsLine && token.text === "#" && token.kind === "punctuator") {
        flush();
        const line = lineFrom(tokens, index);
        this.directive(token, line.slice(1), groups);
        index += line.length;
      } else {
        if (groups.every((group) => group.isActive)) text.push(token);
        index += 1;
      }
    }
    flush();
    const open = groups.at(-1);
    if (open !== undefined)
      throw new HeaderError(
        "header-conditional",
        open.opened,
        "this conditional is not closed",
        "add its #endif",
      );
  }

  private directive(hash: Token, line: readonly Token[], groups: Group[]): void {
    const name = line[0];
    if (name === undefined) return;
    const rest = line.slice(1);
    if (this.conditional(name, rest, groups)) return;
    if (!groups.every((group) => group.isActive)) return;
    switch (name.text) {
      case "include": {
        this.includeDirective(name, rest);
        return;
      }
      case "define": {
        this.macros.define(parseDefine(name, rest, this.isSystem));
        return;
      }
      case "undef": {
        this.macros.undefine(this.onlyName(name, rest));
        return;
      }
      case "pragma": {
        this.pragma(hash, name, rest);
        return;
      }
      case "error":
        throw new HeaderError(
          "header-error-directive",
          name,
          `#error ${spelled(rest)}`,
          "fix what the header complains of",
        );
      case "warning":
        return;
      default:
        throw unknownDirective(name);
    }
  }

  /** Handles #if and its kin; false for any other directive. */
  private conditional(name: Token, rest: readonly Token[], groups: Group[]): boolean {
    switch (name.text) {
      case "if":
        this.open(name, groups, () => this.condition(name, rest));
        return true;
      case "ifdef":
        this.open(name, groups, () => this.macros.get(this.onlyName(name, rest)) !== undefined);
        return true;
      case "ifndef":
        this.open(name, groups, () => this.macros.get(this.onlyName(name, rest)) === undefined);
        return true;
      case "elif":
        this.branch(name, groups, () => this.condition(name, rest), false);
        return true;
      case "else":
        this.branch(name, groups, () => true, true);
        return true;
      case "endif":
        if (groups.pop() === undefined) throw withoutIf(name);
        return true;
      default:
        return false;
    }
  }

  private open(name: Token, groups: Group[], test: () => boolean): void {
    const isOuterActive = groups.every((group) => group.isActive);
    const isActive = isOuterActive && test();
    groups.push({ opened: name, isOuterActive, isActive, isDone: isActive, hasElse: false });
  }

  private branch(name: Token, groups: Group[], test: () => boolean, isElse: boolean): void {
    const group = groups.at(-1);
    if (group === undefined) throw withoutIf(name);
    if (group.hasElse)
      throw new HeaderError("header-conditional", name, `#${name.text} after #else`, "remove one of them");
    group.hasElse = isElse;
    group.isActive = group.isOuterActive && !group.isDone && test();
    group.isDone ||= group.isActive;
  }

  private condition(name: Token, rest: readonly Token[]): boolean {
    refuseStray(rest);
    return evaluateCondition(name, rest, this.macros);
  }

  private includeDirective(name: Token, rest: readonly Token[]): void {
    const direct = includeName(rest);
    const target = direct ?? includeName(this.macros.expand(rest));
    const at = rest[0] ?? name;
    if (target === undefined) {
      throw new HeaderError(
        "header-include",
        at,
        "this #include names no file",
        'write #include "file.h" or #include <file.h>',
      );
    }
    // The C library's own files are full of compiler internals; their model comes first, also if /usr/include is on the path.
    if (target.isAngled && this.systemInclude(target.name)) return;
    const file = this.reader.resolve(target.name, target.isAngled, at.file);
    if (file !== undefined) {
      this.include(file, at);
      return;
    }
    if (this.systemInclude(target.name)) return;
    const known = nearestNames(target.name, systemHeaderNames);
    throw new HeaderError(
      "header-include-unknown",
      at,
      `${target.isAngled ? `<${target.name}>` : `"${target.name}"`} is neither found nor a known system header`,
      `give its folder with --include DIR${known.length > 0 ? `; known system headers with a similar name: ${known.join(", ")}` : ""}`,
    );
  }

  private systemInclude(name: string): boolean {
    const header = systemHeader(name, this.abiClass);
    if (header === undefined) return false;
    if (this.systemSeen.has(name)) return true;
    this.systemSeen.add(name);
    for (const type of header.types) this.systemTypes.add(type);
    const wasSystem = this.isSystem;
    this.system(`<${name}>`, header.text);
    this.isSystem = wasSystem;
    return true;
  }

  private pragma(hash: Token, name: Token, rest: readonly Token[]): void {
    if (rest[0]?.text === "once") {
      this.once.add(name.file.path);
      return;
    }
    refuseStray(rest);
    this.output.push({ ...hash, kind: "pragma", text: "#pragma", pragma: rest });
  }

  private onlyName(directive: Token, rest: readonly Token[]): string {
    const name = rest[0];
    if (name?.kind !== "identifier" || rest.length !== 1) {
      const problem = `#${directive.text} takes one name`;
      throw new HeaderError(
        "header-directive",
        rest[1] ?? name ?? directive,
        problem,
        "write the name of a macro and nothing else",
      );
    }
    return name.text;
  }
}

function startOf(file: SourceFile): { file: SourceFile; offset: number } {
  return { file, offset: 0 };
}
