import { UserError } from '../errors.ts';

const maxPathLength = 1024;

/** Device names that Windows opens whatever their folder or extension. */
const reservedNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(\.|$)/i;

/**
 * Checks a caller's path and returns it as POSIX segments relative to the project's root; `.` and `''` are the root.
 * Paths are literal: nothing is decoded or expanded. What another operating system would read as a drive, a share, a
 * device or a stream is refused on all of them, so that an answer means the same everywhere (MITRE CWE-22, CWE-67).
 *
 * @throws UserError `bad_input` or `denied`, echoing only the caller's own text.
 */
export function parseProjectPath(path: string): string {
  if (path.length > maxPathLength) {
    throw new UserError('bad_input', `A path may have ${maxPathLength} characters; this one has ${path.length}.`);
  }
  const shown = JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path);
  if (path.includes('\0')) throw new UserError('denied', `The path ${shown} holds a NUL character.`);
  if (path.includes('\\')) {
    throw new UserError('denied', `The path ${shown} holds a backslash. Separate folders with "/".`);
  }
  if (path.startsWith('/') || path.startsWith('~')) {
    throw new UserError(
      'denied',
      `The path ${shown} is not inside the project. Give it relative to the project's root.`,
    );
  }
  if (path.includes(':')) {
    throw new UserError(
      'denied',
      `The path ${shown} holds a colon. Lines are written as "src/a.ts:10-40"; drives, streams and URLs are not taken.`,
    );
  }
  const segments = path.split('/');
  if (segments.includes('..')) throw new UserError('denied', `The path ${shown} leaves the project.`);
  if (segments.some((segment) => reservedNames.test(segment))) {
    throw new UserError('denied', `The path ${shown} names a device.`);
  }
  return segments.filter((segment) => segment !== '' && segment !== '.').join('/');
}

/** Splits `src/a.ts:10-40` (or `:10-`, `:10`) into the path and its lines, 1-based and inclusive. */
export function splitLineRange(path: string): { path: string; from?: number; to?: number } {
  const match = /^([^:]*):([1-9]\d{0,8})(?:(-)([1-9]\d{0,8})?)?$/.exec(path);
  if (!match?.[1] || !match[2]) return { path };
  const from = Number(match[2]);
  const to = match[4] ? Number(match[4]) : match[3] ? undefined : from;
  if (to !== undefined && to < from) {
    throw new UserError('bad_input', `The lines of ${JSON.stringify(path.slice(0, 200))} end before they begin.`);
  }
  return { path: match[1], from, ...(to !== undefined && { to }) };
}

/** Whether `path` is `folder` or lies below it; compares whole segments, so `/a-b` is not below `/a`. */
export function isInside(folder: string, path: string, separator: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(separator) ? folder : folder + separator);
}
