import { systemCode, UserError } from '../errors.ts';

/** The store cannot do it now; nothing was changed. `cause` is for the log. */
export function unavailable(message: string, cause?: unknown): UserError {
  return new UserError('unavailable', message, { cause });
}

export function storageFull(cause: unknown): UserError {
  return new UserError('storage_full', 'The disk is full. Nothing was changed; free some space and try again.', {
    cause,
  });
}

/** The one case in which something may have been changed. */
export function unknownOutcome(cause: unknown): UserError {
  return unavailable(
    'The connection to the store broke before it said whether the change is kept. Look before you try again; with the same request_id nothing is done twice.',
    cause,
  );
}

/** For what the system refuses: a full disk is told by its own code, whatever was tried. */
export function refused(message: string, cause: unknown): UserError {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(cause) ?? '') ? storageFull(cause) : unavailable(message, cause);
}

export function damaged(cause: unknown): UserError {
  return unavailable(
    'The file of the store is damaged. It was left as it is: put back a backup ("octant backup" makes them), or name another folder with --data-dir.',
    cause,
  );
}
