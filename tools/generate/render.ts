// What header-to-ts prints: the state of generated files, and the layouts of a header.
import { abiClasses, type AbiModel } from "../header/model.ts";
import type { Comparison } from "./output.ts";

export function renderComparisons(
  model: AbiModel,
  comparisons: readonly Comparison[],
  isCheck: boolean,
): string {
  const differing = comparisons.filter(({ state }) => state !== "same");
  const head = `${model.name}: ABI hash ${model.hash}, ${comparisons.length} files`;
  if (differing.length === 0) return `${head}, all up to date`;
  const lines = differing.flatMap((comparison) => renderOne(comparison, isCheck));
  const remedy = isCheck ? ["run the same command without --check"] : [];
  return [`${head}, ${differing.length} ${isCheck ? "not up to date" : "written"}`, ...lines, ...remedy].join(
    "\n",
  );
}

function renderOne({ path, state, difference }: Comparison, isCheck: boolean): string[] {
  if (!isCheck) return [`  ${state === "stale" ? "removed" : "wrote  "} ${path}`];
  if (difference === undefined) return [`  ${state.padEnd(7)} ${path}`];
  const { line, found, expected } = difference;
  return [
    `  changed ${path}:${line}`,
    `    found:    ${shortened(found)}`,
    `    expected: ${shortened(expected)}`,
  ];
}

function shortened(line: string): string {
  return line.length > 140 ? `${line.slice(0, 140)}…` : line;
}

export function renderModel(model: AbiModel): string {
  const counts = [
    `${model.functions.length} functions`,
    `${model.records.length} structs and unions`,
    `${model.opaques.length} opaque types`,
    `${model.enums.length} enums`,
    `${model.callbacks.length} callbacks`,
    `${model.typedefs.length} typedefs`,
    `${model.constants.length} constants`,
  ];
  const width = Math.max(0, ...model.records.map(({ name }) => name.length));
  const rows = model.records.map((record) => {
    const cells = abiClasses.map((abiClass) =>
      `${record.layout[abiClass].size}/${record.layout[abiClass].align}`.padStart(8),
    );
    return `  ${record.name.padEnd(width)} ${cells.join(" ")}`;
  });
  const title = `  ${"bytes/alignment".padEnd(width)} ${abiClasses.map((abiClass) => abiClass.padStart(8)).join(" ")}`;
  return [
    `${model.name}: ${counts.join(", ")}`,
    `ABI hash ${model.hash}`,
    ...(rows.length > 0 ? [title, ...rows] : []),
  ].join("\n");
}
