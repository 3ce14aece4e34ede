import { systemCode, UserError } from '../errors.ts';

/* Why a file is not opened, in words that echo nothing but the caller's own path. */

/** System errors carry absolute paths; a caller sees its own path and what to do. */
export function withoutSystemErrors<T>(named: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw systemError(named, error);
  }
}

function systemError(named: string, error: unknown): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new UserError('not_found', `There is no file ${quote(named)}. Find it with search_files, mode "path".`, {
        cause: error,
      });
    case 'ELOOP':
    case 'EMLINK': // FreeBSD's answer to O_NOFOLLOW
      return new UserError('denied', `${quote(named)} is a symbolic link that cannot be followed.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new UserError('denied', `The system refuses to open ${quote(named)}.`, { cause: error });
    case 'ENXIO': // a socket, or a FIFO
    case 'ENODEV':
    case 'EOPNOTSUPP':
      return new UserError('denied', `${quote(named)} is not a regular file.`, { cause: error });
    case 'ENAMETOOLONG':
    case 'EINVAL':
      return new UserError('bad_input', `${quote(named)} is not a name that this system can have.`, { cause: error });
    default:
      return error;
  }
}

export function notAFileError(named: string, isFolder: boolean): UserError {
  return isFolder
    ? new UserError('bad_input', `${quote(named)} is a folder. Name a file, or list the folder with get_project.`)
    : new UserError('denied', `${quote(named)} is not a regular file.`);
}

export function outsideError(named: string): UserError {
  return new UserError('denied', `${quote(named)} is not inside the project.`);
}

export function secretError(named: string): UserError {
  return new UserError('secret', `${quote(named)} may hold credentials and is never read.`);
}

export function quote(path: string): string {
  return JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path);
}
