/** Who can act on an error decides its kind: a `UserError` is for the caller, anything else is for the operator. */

export type ErrorCode =
  | 'bad_input' // the arguments make no sense; the message says what would
  | 'not_found' // nothing of that name; the message lists near ones where it can
  | 'denied' // outside the project, or not a regular file
  | 'secret' // a file that may hold credentials
  | 'limit' // a budget of size or time ended the work
  | 'no_project' // the server was started without a project
  | 'conflict' // it has changed since the caller looked, or a rule forbids it as things stand
  | 'unavailable' // the store cannot be reached, opened or written
  | 'storage_full'; // the disk is full

/**
 * An error that the caller can mend. Its message reaches a model as written: what was wrong, with the caller's own
 * value, and the next call to make. It never holds a path of this machine.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An error that the operator can mend at start: a wrong flag, a bad prompt file, a port in use. Shown as one line. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The message of anything thrown, for logs and for wrapping. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error such as `ENOENT`, if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
