// What follows from the machine of a COFF file: the width of addresses and how C names are written.

export function bitsOfMachine(machine: number): 32 | 64 {
  return [0x0200, 0x8664, 0xa641, 0xaa64].includes(machine) ? 64 : 32;
}

/** x86 puts an underscore before C names, the other processors do not. */
export function cName(name: string, machine: number): string {
  return machine === 0x014c && name.startsWith("_") ? name.slice(1) : name;
}
