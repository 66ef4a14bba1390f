// Reads Apple's XML property lists: dictionaries, arrays, texts, numbers and truth values.

export type PropertyValue = string | boolean | PropertyValue[] | { readonly [key: string]: PropertyValue };

/** Deeper lists are no one's honest work. */
const deepest = 32;

/** undefined for anything that is no well-formed XML property list, binary ones among it. */
export function parsePropertyList(text: string): PropertyValue | undefined {
  const body = bodyOf(text);
  if (body === undefined) return undefined;
  const tokens = [...withoutComments(body).matchAll(/<(\/?)(\w+)\s*(\/?)>([^<]*)/g)];
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

/** What stands between the first opening tag and the last closing one; a pattern would try every opening tag. */
function bodyOf(text: string): string | undefined {
  const start = text.indexOf(">", text.indexOf("<plist"));
  const end = text.lastIndexOf("</plist>");
  return text.includes("<plist") && start !== -1 && end > start ? text.slice(start + 1, end) : undefined;
}

function withoutComments(text: string): string {
  const kept: string[] = [];
  let next = 0;
  for (let start = text.indexOf("<!--"); start !== -1; start = text.indexOf("<!--", next)) {
    const end = text.indexOf("-->", start + 4);
    if (end === -1) break;
    kept.push(text.slice(next, start));
    next = end + 3;
  }
  return kept.join("") + text.slice(next);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
