import { damaged, storageFull, unavailable } from './faults.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const codes = { busy: 5, locked: 6, readOnly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

/** The file of locks beside the store, which every opening needs, found no room (SQLITE_IOERR_SHMSIZE). */
const noRoomForLocks = 4874;

/** What a caller is told when SQLite fails through no fault of ours; anything else is returned as it is. */
export function fromSqlite(error: unknown): unknown {
  if (errcodeOf(error) === noRoomForLocks) return storageFull(error);
  switch (codeOf(error)) {
    case codes.busy:
    case codes.locked:
      return unavailable('The store is busy: another process has been writing for 10 s. Try again.', error);
    case codes.readOnly:
      return unavailable(
        'The store cannot be written: its file or its folder is read-only. Nothing was changed.',
        error,
      );
    case codes.full:
      return storageFull(error);
    case codes.io:
      return unavailable('The system cannot read or write the file of the store. Nothing was changed.', error);
    case codes.corrupt:
    case codes.notADatabase:
      return damaged(error);
    case codes.cannotOpen:
      return unavailable('The file of the store cannot be opened. The log says which and why.', error);
    default:
      return error;
  }
}

export function isBusy(error: unknown): boolean {
  return codeOf(error) === codes.busy;
}

/** The low byte is the primary code, the rest says more. */
function codeOf(error: unknown): number | undefined {
  const errcode = errcodeOf(error);
  return errcode === undefined ? undefined : errcode & 0xff;
}

function errcodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
