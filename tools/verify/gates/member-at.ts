// Names the archive member in which an offset of the file lies.
import type { ArtifactFacts } from "../../inspect/facts.ts";

export function memberAt({ content }: ArtifactFacts, offset: number): { member?: string } {
  if (content.format !== "archive") return {};
  const member = content.members.find(
    (entry) => offset >= entry.offset && offset < entry.offset + entry.bytes,
  );
  return member === undefined ? {} : { member: member.name };
}
