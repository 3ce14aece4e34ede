import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { readRegularFile } from './git-file.ts';
import { isInside } from './paths.ts';

/** Absolute paths of one repository: `gitDir` is this work tree's own, `commonDir` that of all work trees. */
export interface GitDirectory {
  workTree: string;
  gitDir: string;
  commonDir: string;
}

/** Where the user's and the machine's git settings are. */
export interface UserFolders {
  home: string;
  /** $XDG_CONFIG_HOME, or ~/.config. */
  configHome: string;
  systemConfig: string;
}

export interface GitSettings {
  ignoreCase: boolean;
  /** 20, or 32 in a repository of SHA-256 objects. */
  hashBytes: number;
  /** Absolute; may be missing on disk. */
  excludesFile: string | undefined;
}

/** Of ignore files, configuration and references. */
export const maxSmallFileBytes = 1024 * 1024;

/**
 * The repository that a folder (a real, absolute path) lies in: the nearest ancestor with a valid `.git`, on the same
 * file system. https://git-scm.com/docs/gitrepository-layout
 */
export function findGitDirectory(folder: string): GitDirectory | undefined {
  const device = deviceOf(folder);
  if (device === undefined) return undefined;
  for (let at = folder; deviceOf(at) === device; at = dirname(at)) {
    const found = repositoryAt(at);
    if (found !== undefined || at === dirname(at)) return found;
  }
  return undefined;
}

/** The repository whose work tree starts at this very folder. */
export function repositoryAt(workTree: string): GitDirectory | undefined {
  const dotGit = join(workTree, '.git');
  const gitDir = isDirectory(dotGit) ? dotGit : readGitFile(dotGit, workTree);
  if (gitDir === undefined) return undefined;
  const commonDir = readCommonDirectory(gitDir);
  const isValid = hasHead(gitDir) && isDirectory(join(commonDir, 'objects')) && isDirectory(join(commonDir, 'refs'));
  return isValid ? { workTree, gitDir, commonDir } : undefined;
}

/**
 * Whether the repository's data is this work tree's own: it lies within it, or names it in turn, as those of linked work
 * trees and submodules do. A folder from a stranger could have a `.git` that points at any repository of the user.
 */
export function isOwnRepository({ workTree, gitDir, commonDir }: GitDirectory): boolean {
  try {
    const [tree, git, common] = [workTree, gitDir, commonDir].map((folder) => realpathSync.native(folder));
    if (tree === undefined || git === undefined || common === undefined) return false;
    if (common !== git) return isInside(join(common, 'worktrees'), git, sep) && linkedWorkTree(gitDir) === tree;
    return isInside(tree, git, sep) || configuredWorkTree(gitDir) === tree;
  } catch {
    return false;
  }
}

/** What paths in the repository have before those of a folder in its work tree. */
export function prefixOf({ workTree }: GitDirectory, folder: string): string {
  return folder === workTree ? '' : `${folder.slice(workTree.length + 1).replaceAll('\\', '/')}/`;
}

/** The file `gitdir` of a linked work tree's data names that tree's `.git`. */
function linkedWorkTree(gitDir: string): string | undefined {
  const link = readText(join(gitDir, 'gitdir'));
  return link && realpathSync.native(dirname(resolve(gitDir, withoutLineEnd(link))));
}

/** `core.worktree` of a submodule's data names its folder. */
function configuredWorkTree(gitDir: string): string | undefined {
  const values = new Map<string, string>();
  readConfig(join(gitDir, 'config'), values);
  const named = values.get('core.worktree');
  return named && realpathSync.native(resolve(gitDir, named));
}

/** The settings that decide what is ignored; without a repository, those of the user. https://git-scm.com/docs/git-config */
export function readGitSettings(git: GitDirectory | undefined, user: UserFolders = userFolders()): GitSettings {
  const values = new Map<string, string>();
  const files = [user.systemConfig, join(user.configHome, 'git', 'config'), join(user.home, '.gitconfig')];
  if (git !== undefined) files.push(join(git.commonDir, 'config'));
  for (const file of files) readConfig(file, values);
  if (git !== undefined && isTrue(values.get('extensions.worktreeconfig'))) {
    readConfig(join(git.gitDir, 'config.worktree'), values);
  }
  return {
    ignoreCase: isTrue(values.get('core.ignorecase')),
    hashBytes: values.get('extensions.objectformat') === 'sha256' ? 32 : 20,
    excludesFile: locateExcludes(values.get('core.excludesfile'), git, user),
  };
}

/** The folders of whoever runs this process. */
export function userFolders(): UserFolders {
  const home = homedir();
  return { home, configHome: process.env.XDG_CONFIG_HOME || join(home, '.config'), systemConfig: '/etc/gitconfig' };
}

function readText(file: string): string | undefined {
  return readRegularFile(file, maxSmallFileBytes)?.toString('utf8');
}

function deviceOf(folder: string): number | undefined {
  try {
    return statSync(folder).dev;
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A work tree or submodule has a file `.git` that says `gitdir: <path>`. */
function readGitFile(file: string, workTree: string): string | undefined {
  const text = readText(file);
  if (text === undefined || !text.startsWith('gitdir: ')) return undefined;
  const path = withoutLineEnd(text.slice('gitdir: '.length));
  return path === '' ? undefined : resolve(workTree, path);
}

function readCommonDirectory(gitDir: string): string {
  const text = readText(join(gitDir, 'commondir'));
  return text === undefined ? gitDir : resolve(gitDir, withoutLineEnd(text));
}

function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return text.slice(0, end);
}

function hasHead(gitDir: string): boolean {
  const head = join(gitDir, 'HEAD');
  try {
    if (readlinkSync(head).startsWith('refs/')) return true;
  } catch {
    // not a symbolic link, as nearly always
  }
  const text = readText(head);
  return text !== undefined && /^(?:ref:\s*refs\/|[0-9a-f]{40})/.test(text);
}

/** Adds `section.key` (lower case, sections with a name left out) to `values`; a later one replaces an earlier one. */
function readConfig(file: string, values: Map<string, string>): void {
  const text = readText(file);
  if (text === undefined) return;
  let section = '';
  for (const line of joinLines(text)) {
    const trimmed = line.trimStart();
    const rest = trimmed.startsWith('[') ? trimmed.slice(trimmed.indexOf(']') + 1).trimStart() : trimmed;
    if (trimmed.startsWith('[')) section = trimmed.slice(1, Math.max(1, trimmed.indexOf(']'))).toLowerCase();
    if (rest === '' || rest.startsWith('#') || rest.startsWith(';')) continue;
    const equals = rest.indexOf('=');
    const key = (equals < 0 ? rest : rest.slice(0, equals)).trim().toLowerCase();
    values.set(`${section}.${key}`, equals < 0 ? 'true' : parseValue(rest.slice(equals + 1)));
  }
}

/** A backslash at the end of a line goes on with the next. */
function joinLines(text: string): string[] {
  return text.replaceAll('\r\n', '\n').replaceAll('\\\n', '').split('\n');
}

function parseValue(raw: string): string {
  let value = '';
  let kept = 0;
  let isQuoted = false;
  const text = raw.trimStart();
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (character === '\\') {
      at += 1;
      value += unescapeCharacter(text.charAt(at));
    } else if (!isQuoted && (character === '#' || character === ';')) {
      break;
    } else {
      value += character;
    }
    if (isQuoted || (character !== ' ' && character !== '\t')) kept = value.length;
  }
  return value.slice(0, kept);
}

function unescapeCharacter(character: string): string {
  return { n: '\n', t: '\t', b: '\b' }[character] ?? character;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|yes|on|[1-9][0-9]*)$/i.test(value);
}

function locateExcludes(value: string | undefined, git: GitDirectory | undefined, user: UserFolders) {
  if (value === undefined) return join(user.configHome, 'git', 'ignore');
  if (value === '') return undefined;
  if (value.startsWith('~/')) return join(user.home, value.slice(2));
  if (isAbsolute(value)) return value;
  return git === undefined ? undefined : join(realpathSync(git.workTree), value);
}
