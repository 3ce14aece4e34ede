import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, parse, resolve, sep } from 'node:path';
import { messageOf } from '../errors.ts';
import { isInside } from './paths.ts';

/**
 * The real path of a folder that somebody named as a project.
 *
 * @throws Error saying why it cannot be one
 */
export function namedFolder(path: string): string {
  const absolute = resolve(path.replace(/^~(?=$|[/\\])/, homedir()));
  let folder: string;
  try {
    folder = realpathSync.native(absolute);
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
  } catch (error) {
    throw new Error(`it cannot be opened: ${messageOf(error)}`, { cause: error });
  }
  const kernel = kernelFolders.find((kernelFolder) => isInside(kernelFolder, folder, sep));
  if (kernel) throw new Error(`it is below ${kernel}, which is no place for a project`);
  return folder;
}

/**
 * Some clients start servers in `/`, in the home folder or in their own program folder. None of these is a project,
 * and reading them would hand a model everything the user has.
 */
export function impliedFolders(startFolder: string): string[] {
  if (!isAbsolute(startFolder)) return [];
  let folder: string;
  try {
    folder = realpathSync.native(startFolder);
    if (!statSync(folder).isDirectory()) return [];
  } catch {
    return [];
  }
  return isSystemFolder(folder) ? [] : [folder];
}

export function isSystemFolder(folder: string): boolean {
  const home = realHome();
  const holdsHome = isInside(folder, home, sep); // `/`, `/home`, the home folder itself
  const isUserFolder = dirname(folder) === home && personalFolders.has(basename(folder).toLowerCase());
  return (
    folder === parse(folder).root ||
    sharedFolders.has(folder) ||
    holdsHome ||
    isUserFolder ||
    kernelFolders.some((kernelFolder) => isInside(kernelFolder, folder, sep)) ||
    systemFolders.some((systemFolder) => isInside(systemFolder, folder, sep))
  );
}

const kernelFolders = ['/proc', '/sys', '/dev'];

/** Themselves no projects, though what is in them may be. */
const sharedFolders = new Set(
  '/home /Users /root /opt /srv /tmp /var /mnt /media /usr /private /Volumes C:\\Users'.split(' '),
);

const systemFolders = [
  ...['/bin', '/boot', '/etc', '/lib', '/lib32', '/lib64', '/run', '/sbin', '/usr/bin', '/usr/lib', '/usr/sbin'],
  ...['/usr/share', '/var/lib', '/var/log', '/var/run', '/System', '/Library', '/Applications', '/private/etc'],
  ...['C:\\Windows', 'C:\\Program Files', 'C:\\Program Files (x86)', 'C:\\ProgramData'],
];

const personalFolders = new Set(
  'desktop documents downloads library pictures music movies videos public .config .cache .local .ssh .gnupg appdata'.split(
    ' ',
  ),
);

function realHome(): string {
  try {
    return realpathSync.native(homedir());
  } catch {
    return homedir();
  }
}
