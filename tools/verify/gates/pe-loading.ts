// Gates: Windows can load a DLL wherever there is room, without memory that is both written and executed.
import type { PeFacts } from "../../inspect/pe-facts.ts";
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

const DYNAMIC_BASE = 0x40;
const RELOCATIONS_STRIPPED = 1;

export const peRelocations: Gate = {
  id: "pe-relocations",
  severity: "error",
  title: "the DLL can be loaded at one address only",
  explanation:
    "A DLL without base relocations fails to load as soon as another one lies at its address, which randomization makes a matter of luck.",
  fix: "link without /FIXED (lld: --dynamicbase), and keep the .reloc section when stripping",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "pe")) {
      const { isDll, characteristics, dllCharacteristics, managed } = named.object;
      if (!isDll.value || managed !== undefined) continue;
      if ((characteristics.value & RELOCATIONS_STRIPPED) !== 0)
        yield violation(named, characteristics, "relocations stripped");
      else if (lacksRelocations(named.object) && (dllCharacteristics.value & DYNAMIC_BASE) !== 0)
        yield violation(named, dllCharacteristics, "DYNAMIC_BASE, and no base relocations");
    }
  },
};

/** Small DLLs, and those of resources alone, hold no address that a relocation could change. */
function lacksRelocations({ baseRelocations, cpu, imports, tls, loadConfig }: PeFacts): boolean {
  if (baseRelocations !== undefined) return false;
  // On x86 each call of an import goes through an absolute address.
  const callsByAddress = cpu === "i686" && imports.length > 0;
  const cookie = loadConfig?.securityCookie?.value ?? 0n;
  return callsByAddress || tls !== undefined || cookie !== 0n;
}

const [executable, writable] = [0x20000000, 0x80000000];

export const peWritableCode: Gate = {
  id: "pe-writable-code",
  severity: "warning",
  title: "a section is writable and executable at once",
  explanation:
    "Whoever can write to such memory can run what he likes; processes with arbitrary code guard, as browsers have, do not load the DLL.",
  fix: "do not merge sections (/MERGE), and pack no libraries",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "pe"))
      for (const section of named.object.sections)
        // The numbers are unsigned; operators of JavaScript are not.
        if ((section.flags & executable) !== 0 && (section.flags & writable) !== 0)
          yield violation(named, section, `${section.name}: readable, writable, executable`);
  },
};

export const peExportDecoration: Gate = {
  id: "pe-export-decoration",
  severity: "warning",
  title: "an export carries the decoration of stdcall",
  explanation:
    "GetProcAddress, P/Invoke and ctypes ask for the plain name and do not find _name@8. It happens on 32 bits only, so tests on 64 bits never see it.",
  fix: "export by a .def file with plain names, or declare the functions __cdecl",
  *check({ facts, context }) {
    // With a list of functions the exports themselves are judged.
    if (context.functions !== undefined) return;
    for (const named of objectsOfFormat(facts, "pe"))
      for (const entry of named.object.exports)
        if (
          named.object.cpu === "i686" &&
          /^_?[A-Za-z]\w*@\d+$/.test(entry.value) &&
          !javaName.test(entry.value)
        )
          yield violation(named, entry, entry.value);
  },
};

/** The virtual machine of Java asks for decorated names. */
const javaName = /^_(Java_|JNI_On)/;

/** Runtimes that a static library asks its user's linker for; the letter d stands for debugging. */
const runtimeDirective =
  /^[-/]defaultlib:"?(msvcrtd|libcmtd|msvcprtd|libcpmtd|ucrtd|libucrtd|vcruntimed|libvcruntimed)(\.lib)?"?$/i;

export const coffDirectives: Gate = {
  id: "coff-directives",
  severity: "error",
  title: "an object asks the linker for the debug runtime",
  explanation:
    "Objects carry linker directives. One for the debug runtime (msvcrtd, libcmtd) brings a library into every user's program that may not be redistributed, or ends the link with mismatched runtimes.",
  fix: "compile C dependencies with /MT or /MD, not /MTd or /MDd, in release builds",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "coff"))
      for (const directive of named.object.directives)
        for (const word of directive.value.split(/\s+/))
          if (runtimeDirective.test(word)) yield violation(named, directive, word);
  },
};
