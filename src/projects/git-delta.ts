/** Objects over this size are not read, in bytes. */
export const objectCap = 1024 * 1024;

/** A delta is the sizes of base and result, then instructions: copy a range of the base, or insert the bytes that follow. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const reader = createReader(delta);
  const baseSize = reader.varint();
  const size = reader.varint();
  if (baseSize !== base.length || size > objectCap) throw new Error('the delta is for another base');
  const result = Buffer.alloc(size);
  let filled = 0;
  while (reader.position() < delta.length) {
    const instruction = reader.byte();
    const piece = instruction & 0x80 ? copiedRange(base, instruction, reader) : reader.bytes(instruction);
    if (piece.length === 0 || filled + piece.length > size) throw new Error('the delta is corrupt');
    filled += piece.copy(result, filled);
  }
  if (filled !== size) throw new Error('the delta is too short');
  return result;
}

/** The low seven bits of a copy instruction say which bytes of offset and length follow. */
function copiedRange(base: Buffer, instruction: number, reader: Reader): Buffer {
  let offset = 0;
  let length = 0;
  for (let bit = 0; bit < 4; bit++) if (instruction & (1 << bit)) offset += reader.byte() * 256 ** bit;
  for (let bit = 0; bit < 3; bit++) if (instruction & (16 << bit)) length += reader.byte() * 256 ** bit;
  length ||= 0x10000;
  if (offset + length > base.length) throw new Error('the delta leaves its base');
  return base.subarray(offset, offset + length);
}

type Reader = ReturnType<typeof createReader>;

/** Reads bytes in order, and throws a RangeError past the end, which also bounds the variable-length numbers. */
export function createReader(buffer: Buffer) {
  let at = 0;
  const byte = () => buffer.readUInt8(at++);
  return {
    byte,
    position: () => at,
    bytes(count: number): Buffer {
      if (at + count > buffer.length) throw new RangeError('the object ends early');
      at += count;
      return buffer.subarray(at - count, at);
    },
    /** Seven bits a byte, lowest first. */
    varint(): number {
      let value = 0;
      let scale = 1;
      for (;;) {
        const next = byte();
        value += (next & 0x7f) * scale;
        if (next < 0x80) return value;
        scale *= 128;
      }
    },
    /** Seven bits a byte, highest first, plus one at each step: how OFS_DELTA says how far back its base is. */
    distance(): number {
      let next = byte();
      let value = next & 0x7f;
      while (next & 0x80) {
        next = byte();
        value = (value + 1) * 128 + (next & 0x7f);
      }
      return value;
    },
  };
}
