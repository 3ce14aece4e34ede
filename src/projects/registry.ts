import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, parse, resolve, sep } from 'node:path';
import { messageOf, StartError, UserError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import type { Root } from './door.ts';
import { isInside } from './paths.ts';

export interface Project extends Root {
  /** Short and stable while the server runs: the folder's name in lower case, numbered where two are equal. */
  id: string;
  /** The folder's own name. */
  name: string;
}

/** The projects that this server was started with, the default one first. */
export interface Projects {
  list(): readonly Project[];
  /** @throws UserError `no_project` or `not_found`. */
  find(reference: string | undefined): Project;
}

export interface ProjectChoice {
  /** Folders that the operator named. */
  named: readonly string[];
  /** Where the client started the server; taken only when nothing is named and it looks like a project. */
  startFolder: string;
  refuseHardLinks: boolean;
}

/** @throws StartError when a named folder cannot be a project. */
export function createProjects(choice: ProjectChoice): Projects {
  const folders = choice.named.length > 0 ? choice.named.map(namedFolder) : impliedFolders(choice.startFolder);
  const projects = withIds([...new Set(folders)], choice.refuseHardLinks);

  return {
    list: () => projects,

    find(reference) {
      const [first] = projects;
      if (!first) throw new UserError('no_project', noProjectMessage);
      if (reference === undefined) return first;
      const found = projects.find(({ id, name, folder }) => [id, name, folder].includes(reference));
      if (found) return found;
      const ids = projects.map(({ id }) => id);
      throw new UserError(
        'not_found',
        `There is no project ${JSON.stringify(reference.slice(0, 200))}. Known: ${nearest(reference, ids, 10).join(', ')}.`,
      );
    },
  };
}

const noProjectMessage = `Octant was started without a project, in a folder that it does not take by itself. \
Name one: start it with "--project PATH", set OCTANT_PROJECT, or start the client in the project's folder.`;

function namedFolder(path: string): string {
  const absolute = resolve(path.replace(/^~(?=$|[/\\])/, homedir()));
  let folder: string;
  try {
    folder = realpathSync.native(absolute);
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
  } catch (error) {
    throw new StartError(`--project ${path} cannot be opened: ${messageOf(error)}`);
  }
  const kernel = kernelFolders.find((kernelFolder) => isInside(kernelFolder, folder, sep));
  if (kernel) throw new StartError(`--project ${path} is below ${kernel}, which is no place for a project.`);
  return folder;
}

/**
 * Some clients start servers in `/`, in the home folder or in their own program folder. None of these is a project,
 * and reading them would hand a model everything the user has.
 */
function impliedFolders(startFolder: string): string[] {
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

function isSystemFolder(folder: string): boolean {
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

function withIds(folders: readonly string[], refuseHardLinks: boolean): Project[] {
  const taken = new Set<string>();
  return folders.map((folder) => {
    const name = basename(folder) || folder;
    const slug =
      name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[-.]+|[-.]+$/g, '') || 'project';
    let id = slug;
    for (let number = 2; taken.has(id); number++) id = `${slug}-${number}`;
    taken.add(id);
    return { id, name, folder, refuseHardLinks };
  });
}
