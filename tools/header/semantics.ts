// What parameters mean: naming rules first (out_*, *_size, capacity, error, user_data), exceptions from the overlay.
import type { ClassFunction, ClassModel } from "./assemble.ts";
import type { CType, FunctionModel, ParamModel, ParamRole } from "./model.ts";
import type { Overlay } from "./overlay.ts";

export function functionModel(fn: ClassFunction, model: ClassModel, overlay: Overlay): FunctionModel {
  const { name, doc, source, signature } = fn;
  const roles = new RoleRules(fn, model, overlay).roles();
  const nullable = overlay.nullable[name] ?? [];
  const params = signature.params.map((param, index): ParamModel => {
    const role = roles[index] ?? { kind: "other" };
    const isNullable = nullable.includes(param.name) || role.kind === "error" || role.kind === "userData";
    return { name: param.name, type: param.type, role, nullable: isNullable };
  });
  return {
    name,
    doc,
    source,
    convention: signature.convention,
    returns: signature.returns,
    params,
    variadic: signature.variadic,
    blocks: overlay.blocks.includes(name),
    since: overlay.since[name] ?? 0,
  };
}

interface Param {
  readonly name: string;
  readonly type: CType;
}

class RoleRules {
  private readonly fn: ClassFunction;
  private readonly params: readonly Param[];
  private readonly model: ClassModel;
  private readonly overlay: Overlay;

  constructor(fn: ClassFunction, model: ClassModel, overlay: Overlay) {
    this.fn = fn;
    this.params = fn.signature.params;
    this.model = model;
    this.overlay = overlay;
  }

  roles(): ParamRole[] {
    const roles = this.params.map((param, index) => this.role(param, index));
    // A count or a user_data points back at what it belongs to, so it is settled last.
    return roles.map((role, index) => this.backReference(this.params[index] as Param, roles) ?? role);
  }

  private role(param: Param, index: number): ParamRole {
    const { names } = this.overlay;
    if (param.type.kind === "typedef" && param.type.name === names.handle) return { kind: "handle" };
    if (this.isCallback(param.type)) return { kind: "callback" };
    if (param.type.kind !== "pointer") return isScalar(param.type) ? { kind: "value" } : { kind: "other" };
    const target = param.type.to;
    if (target.kind === "record" && target.name === names.error && target.const !== true)
      return { kind: "error" };
    if (param.name.startsWith("out_")) return this.outRole(param, target, index);
    const count = this.countOf(param, index);
    if (count !== undefined) return this.pairRole(target, count.name);
    if (target.const === true && target.kind === "record") return { kind: "in" };
    return { kind: "other" };
  }

  private outRole(param: Param, target: CType, index: number): ParamRole {
    const next = this.params[index + 1];
    if (target.kind === "pointer" && next?.name.startsWith("out_") === true)
      return { kind: "borrow", size: next.name };
    const alsoOnFailure = this.overlay.alsoOnFailure[this.fn.name]?.includes(param.name) === true;
    return { kind: "out", alsoOnFailure };
  }

  /** The parameter behind a pointer that counts its items: `<name>_size`, `<name>_count`, or just `size`, `count`, `capacity`. */
  private countOf(param: Param, index: number): Param | undefined {
    const next = this.params[index + 1];
    if (next?.type.kind !== "integer") return undefined;
    const names = [
      "size",
      "count",
      "capacity",
      `${param.name}_size`,
      `${param.name}_count`,
      `${param.name}_capacity`,
    ];
    return names.includes(next.name) ? next : undefined;
  }

  private pairRole(target: CType, count: string): ParamRole {
    const direction = target.const === true ? "in" : "out";
    if (target.kind === "integer" && target.name === "char") return { kind: "text", direction, size: count };
    return { kind: "array", direction, count };
  }

  private backReference(param: Param, roles: readonly ParamRole[]): ParamRole | undefined {
    const of = (match: (role: ParamRole) => boolean): string | undefined =>
      this.params[roles.findIndex(match)]?.name;
    const counted = of(
      (role) =>
        (role.kind === "array" && role.count === param.name) ||
        (role.kind === "text" && role.size === param.name),
    );
    if (counted !== undefined) return { kind: "count", of: counted };
    const callback = of((role) => role.kind === "callback");
    return param.name === "user_data" && callback !== undefined
      ? { kind: "userData", of: callback }
      : undefined;
  }

  private isCallback(type: CType): boolean {
    if (type.kind === "pointer" && type.to.kind === "function") return true;
    return type.kind === "typedef" && this.model.callbacks.some(({ name }) => name === type.name);
  }
}

function isScalar(type: CType): boolean {
  return type.kind === "integer" || type.kind === "float" || type.kind === "enum" || type.kind === "typedef";
}
