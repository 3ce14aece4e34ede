import { UserError } from '../errors.ts';

/** The store cannot do it now; nothing was changed. `cause` is for the log. */
export function unavailable(message: string, cause?: unknown): UserError {
  return new UserError('unavailable', message, { cause });
}

export function storageFull(cause: unknown): UserError {
  return new UserError('storage_full', 'The disk is full. Nothing was changed; free some space and try again.', {
    cause,
  });
}

export function damaged(cause: unknown): UserError {
  return unavailable(
    'The file of the store is damaged. It was left as it is: put back a backup, or save what can be read with "octant export".',
    cause,
  );
}
