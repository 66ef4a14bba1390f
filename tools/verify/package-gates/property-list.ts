// Reads Apple's XML property lists: dictionaries, arrays, texts, numbers and truth values.

export type PropertyValue = string | boolean | PropertyValue[] | { readonly [key: string]: PropertyValue };

/** Deeper lists are no one's honest work. */
const deepest = 32;

/** undefined for anything that is no well-formed XML property list, binary ones among it. */
export function parsePropertyList(text: string): PropertyValue | undefined {
  const body = /<plist[^>]*>([^]*)<\/plist>/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const tokens = [...body.replaceAll(/<!--[^]*?-->/g, "").matchAll(/<(\/?)(\w+)\s*(\/?)>([^<]*)/g)];
  let next = 0;

  function value(depth: number): PropertyValue | undefined {
    const [, closing, name, empty, content] = tokens[next] ?? [];
    if (name === undefined || closing === "/" || depth > deepest) return undefined;
    next += 1;
    if (name === "true" || name === "false") {
      if (empty !== "/") next += 1;
      return name === "true";
    }
    if (name === "array") return empty === "/" ? [] : array(depth);
    if (name === "dict") return empty === "/" ? {} : dictionary(depth);
    if (empty === "/") return "";
    next += 1;
    return unescaped(content ?? "");
  }

  function array(depth: number): PropertyValue[] {
    const values: PropertyValue[] = [];
    for (let found = value(depth + 1); found !== undefined; found = value(depth + 1)) values.push(found);
    next += 1;
    return values;
  }

  function dictionary(depth: number): PropertyValue {
    const entries: [string, PropertyValue][] = [];
    while (tokens[next]?.[2] === "key" && tokens[next]?.[1] === "") {
      const key = unescaped(tokens[next]?.[4] ?? "");
      next += 2;
      const found = value(depth + 1);
      if (found === undefined) break;
      entries.push([key, found]);
    }
    next += 1;
    return Object.fromEntries(entries);
  }

  return value(0);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
