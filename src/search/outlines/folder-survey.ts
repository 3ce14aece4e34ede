import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { readHead } from '../../projects/read-head.ts';
import { isSecretPath } from '../../projects/secrets.ts';
import { isAside } from '../files/file-role.ts';
import { outlineFile } from './file-outline.ts';
import { type FolderNode, partsOf } from './folder-tree.ts';
import { headPurpose } from './purpose.ts';

export interface FolderSurvey {
  path: string;
  files: number;
  bytes: number;
  /** By files, most first. */
  languages: Array<{ name: string; files: number }>;
  purpose: string;
  /** The folders below, in the order of a tree. */
  parts: FolderPart[];
  /** Its own files, those first that tell most. */
  own: FolderFile[];
  /** How many more it has of its own. */
  otherFiles: number;
}

export interface FolderPart {
  path: string;
  files: number;
  purpose: string;
}

export interface FolderFile {
  path: string;
  purpose: string;
}

const mostParts = 30;
const mostOwn = 24;
const headBytes = 16_000;
/** Of JSON a part tells nothing. */
const jsonBytes = 256_000;
const mostNames = 10;

/** What a folder holds, by the tree below it and the heads of the files that say what a folder is for. */
export function surveyFolder(root: Root, tree: FolderNode, control: JobControl): FolderSurvey {
  const ifTime = (read: () => string) => (control.shouldStop() ? '' : read());
  const own = tree.own.filter(({ path }) => !isSecretPath(path)).toSorted((a, b) => rankOf(a.path) - rankOf(b.path));
  return {
    path: tree.path,
    files: tree.files,
    bytes: tree.bytes,
    languages: [...tree.languages].map(([name, files]) => ({ name, files })).sort((a, b) => b.files - a.files),
    purpose: folderPurpose(root, tree),
    parts: partsOf(tree, mostParts).map((part) => {
      return {
        path: part.path,
        files: part.files,
        purpose: ifTime(() => folderPurpose(root, part)) || contentsOf(part),
      };
    }),
    own: own.slice(0, mostOwn).map(({ path }) => ({ path, purpose: ifTime(() => filePurpose(root, path)) })),
    otherFiles: Math.max(0, tree.own.length - mostOwn),
  };
}

const readme = /^readme(\.(md|markdown|rst|txt|adoc))?$/i;
const manifest = /^(package|composer|deno|jsr)\.jsonc?$|^(Cargo|pyproject)\.toml$/i;
const beginning = /^(mod|lib)\.(rs|ts)$|^(index|main)\.[a-z]+$|^__init__\.py$|^doc\.go$|^package-info\.java$/i;
const guides = [readme, manifest, beginning];

/** By what its own files say of the whole: a README first, then a manifest, then its beginning; empty where none does. */
function folderPurpose(root: Root, { path, own }: FolderNode): string {
  const readable = own.filter((each) => !isSecretPath(each.path));
  const files = guides.map((guide) => readable.find((each) => guide.test(nameOf(each.path))));
  const namesake = readable.find((each) => stemOf(each.path) === stemOf(path));
  const only = readable.length === 1 ? readable[0] : undefined;
  for (const file of [...files, namesake, only]) {
    const purpose = file && guidePurpose(root, file.path);
    if (purpose) return purpose;
  }
  return '';
}

/** Where nothing tells what a folder is for, the names in it say something. */
function contentsOf({ folders, own }: FolderNode): string {
  const stems = own.map(({ path }) => nameOf(path)).filter((name) => !name.startsWith('.'));
  const names = [
    ...[...folders.keys()].map((name) => `${name}/`),
    ...new Set(stems.map((name) => name.replace(/(?<=.)\.[a-z0-9]+$/i, ''))),
  ];
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return names.length === 0 ? '' : `Has ${names.slice(0, mostNames).join(', ')}${rest}`;
}

/** What code declares is no purpose of its folder, and neither are the keys of a manifest. */
function guidePurpose(root: Root, path: string): string {
  const text = readHead(root, path, /\.jsonc?$/.test(path) ? jsonBytes : headBytes);
  const isDocument = readme.test(nameOf(path)) || /\.(md|markdown|rst|txt|adoc|jsonc?|toml)$/i.test(path);
  const purpose = isDocument ? outlineFile(path, text).purpose : headPurpose(path, text);
  return /(?:^|: )keys /i.test(purpose) ? '' : purpose;
}

function filePurpose(root: Root, path: string): string {
  const text = readHead(root, path, /\.jsonc?$/.test(path) ? jsonBytes : headBytes);
  return text === '' ? '' : outlineFile(path, text).purpose;
}

function rankOf(path: string): number {
  const guide = guides.findIndex((each) => each.test(nameOf(path)));
  if (guide >= 0) return guide;
  return isAside(path) ? 5 : nameOf(path).startsWith('.') ? 4 : 3;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function stemOf(path: string): string {
  return nameOf(path)
    .replace(/\.\w+$/, '')
    .toLowerCase();
}
