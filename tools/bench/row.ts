// One measured row, and the table made of many.
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Against the floor measured in the same run; 1 is the floor itself. */
  readonly ratio: number;
}

/** Rows that a bench program printed, one JSON object a line; other lines are its talk. */
export function parseRows(output: string): Row[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as Row);
}

/** Markdown table of rows. */
export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(
    (row) => `| ${row.name} | ${format(row.value)} ${row.unit} | ${row.ratio.toFixed(2)} |`,
  );
  return ["| what | value | ratio to the floor |", "| --- | --- | --- |", ...lines].join("\n");
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2);
}
