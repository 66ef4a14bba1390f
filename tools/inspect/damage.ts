// Damages files the same way in every run, for the tests that readers and gates survive it.

/** A copy with one to eight numbers of one, two or four bytes replaced; the values are those that break readers. */
export function damaged(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const values = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x7fffffff,
    0x80000000,
    0xfffffff0,
    0xffffffff,
    bytes.length,
  ];
  // Headers and tables are small, so half of the hits go to the first kilobyte.
  const reach = random() < 0.5 ? Math.min(1024, bytes.length) : bytes.length;
  const hits = 1 + Math.floor(random() * 8);
  for (let hit = 0; hit < hits; hit += 1) {
    const width = [1, 2, 4][Math.floor(random() * 3)] ?? 1;
    const at = Math.floor(random() * (reach - width));
    const chosen = values[Math.floor(random() * values.length)] ?? 0;
    const value = random() < 0.3 ? Math.floor(random() * 2 ** 32) : chosen;
    if (random() < 0.5) bytes.writeUIntLE(value % 2 ** (8 * width), at, width);
    else bytes.writeUIntBE(value % 2 ** (8 * width), at, width);
  }
  return bytes;
}

/** Numbers in [0, 1), the same in every run (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
