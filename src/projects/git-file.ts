import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A regular file, read by position in bytes. A read that passes the end is short. */
export interface RegularFile {
  size: number;
  /** @param into memory to use again, of at least that length */
  read(position: number, length: number, into?: Buffer): Buffer;
  close(): void;
}

/** Opens a regular file to read, and throws on any other kind. It never waits, as a plain open of a FIFO would. */
export function openRegularFile(path: string, { follow = true } = {}): RegularFile {
  const noFollow = follow ? 0 : (constants.O_NOFOLLOW ?? 0);
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noFollow);
  const stat = fstatSync(descriptor);
  const close = () => closeSync(descriptor);
  if (!stat.isFile()) {
    close();
    throw new Error(`${path} is not a regular file`);
  }
  return {
    size: stat.size,
    read(position, length, into) {
      const buffer = into ?? Buffer.alloc(length);
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
    },
    close,
  };
}

/** The first `maxBytes` of a regular file; undefined when it is missing, of another kind, or unreadable. */
export function readRegularFile(path: string, maxBytes: number, options?: { follow: boolean }): Buffer | undefined {
  let file: RegularFile | undefined;
  try {
    file = openRegularFile(path, options);
    return file.read(0, Math.min(file.size, maxBytes));
  } catch {
    return undefined;
  } finally {
    file?.close();
  }
}
