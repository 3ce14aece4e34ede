import type { FolderEntry } from './folder-entries.ts';
import type { FolderNames } from './git-index.ts';
import { fold, isIgnored, verdictOf } from './ignore-rules.ts';
import type { Meter } from './walk-meter.ts';
import { findNested, type Place, placeBelow, type Scope } from './walk-place.ts';

/** What is listed of a folder, or entered. */
export interface Item {
  name: string;
  kind: 'file' | 'symlink' | 'repository' | 'directory';
  /** What it is sorted by: a folder's files sort by its name and a slash. */
  key: string;
  isIgnored: boolean;
}

/** In the order in which a walk comes to them. */
export function listItems(place: Place, entries: readonly FolderEntry[], meter: Meter): Item[] {
  const items: Item[] = [];
  const allowed = meter.take(entries.length);
  const tracked = lazily(() => place.scope.index.namesIn(place.scopePath));
  const weight = 1 + Math.floor(((place.chain?.cost ?? 0) + (place.ownChain?.cost ?? 0)) / 64);
  for (const entry of firstOf(entries, allowed)) {
    if (!meter.tick(weight)) break;
    const item = itemOf(place, entry, tracked);
    if (item !== undefined) items.push(item);
  }
  items.sort((a, b) => compare(a.key, b.key));
  return settleRepositories(place, items);
}

function firstOf(entries: readonly FolderEntry[], count: number): readonly FolderEntry[] {
  return count < entries.length ? entries.toSorted((a, b) => compare(a.name, b.name)).slice(0, count) : entries;
}

/** Undefined for what is not listed. */
function itemOf(place: Place, { name, kind }: FolderEntry, tracked: () => FolderNames): Item | undefined {
  const { scope, chain, scopePath, trackedOnly } = place;
  if (kind === undefined || name === '.git' || (scope.ignoreCase && name.toLowerCase() === '.git')) return undefined;
  const isDirectory = kind === 'directory';
  const own = ownVerdict(place, name, isDirectory);
  if (own === 'ignored') return undefined;
  const path = scopePath + name;
  const { repositories } = scope.index;
  const isSubmodule = repositories.size > 0 && repositories.has(path);
  if (isDirectory && isSubmodule) return { name, kind: 'repository', key: name, isIgnored: false };
  if (!isSubmodule && isTwin(scope, path, name, isDirectory, tracked)) return undefined;
  const isOut = own === undefined && (trackedOnly || isIgnored(chain, path, name, isDirectory));
  if (isOut && !isSubmodule && !tracked()[isDirectory ? 'directories' : 'files'].has(name)) return undefined;
  return { name, kind, key: isDirectory ? `${name}/` : name, isIgnored: isOut };
}

/** Whether git takes the path for another, which it tracks and which differs in case. */
function isTwin(
  { foldedIndex }: Scope,
  path: string,
  name: string,
  isDirectory: boolean,
  tracked: () => FolderNames,
): boolean {
  if (foldedIndex === undefined) return false;
  const folded = fold(path, true);
  if (isDirectory) return foldedIndex.repositories.has(folded) && !foldedIndex.directories.has(folded);
  return !tracked().files.has(name) && (foldedIndex.files.has(folded) || foldedIndex.repositories.has(folded));
}

/** Most folders have nothing ignored in them, and nobody asks what of it is tracked. */
function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function ownVerdict({ ownChain, ownPrefix, path }: Place, name: string, isDirectory: boolean) {
  return ownChain && verdictOf(ownChain, ownPrefix + path + name, name, isDirectory);
}

/**
 * A nested repository sorts by its bare name. To know one takes a look inside, which usually waits until it is its turn;
 * only where some neighbour sorts between `name` and `name/` does the look come first.
 */
function settleRepositories(place: Place, items: Item[]): Item[] {
  if (!place.scope.isRepository) return items;
  let hasMoved = false;
  for (const [at, item] of items.entries()) {
    const isSure = item.kind !== 'directory' || !items[at - 1]?.key.startsWith(item.name);
    if (isSure || findNested(placeBelow(place, item)) === undefined) continue;
    item.kind = 'repository';
    item.key = item.name;
    hasMoved = true;
  }
  return hasMoved ? items.sort((a, b) => compare(a.key, b.key)) : items;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
