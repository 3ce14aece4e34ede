import { createPathFilter, type PathFilter } from '../../text/globs.ts';
import { lowerBound } from '../engine/text-index.ts';
import { isOutlined } from '../symbols/find-symbols.ts';
import type { PassedFiles } from '../text/match-files.ts';
import { nameOfFile } from '../text/relevance.ts';
import type { TextEntry } from './entry-reader.ts';

/** What is known of the files of a project, so that those without a match are told by number and not one by one. */
export interface IndexedFiles {
  find(path: string): TextEntry | undefined;
  /** In path order. */
  entries(): readonly TextEntry[];
  put(entry: TextEntry): void;
  remove(path: string): void;
  /** @param part of the files: without the tests and generated ones, or only these, or those with an outline */
  view(include: readonly string[], exclude: readonly string[], part: Part): FileView;
  /** In path order, those whose name as `nameOfFile` gives it is this one. */
  named(name: string): readonly string[];
}

/** The files that a search looks at, or says that it need not. */
export interface FileView {
  /** Undefined where all do. */
  passes: PathFilter | undefined;
  /** Files that are read by every search. */
  read: ReadonlySet<string>;
  /** How many files lie between two paths, the first of them in and the other out, without those in `read`. */
  count(from: string | undefined, to: string | undefined): PassedFiles;
}

type Part = 'all' | 'main' | 'aside' | 'outlined';

const maxViews = 12;

/** @param entries in path order */
export function createIndexedFiles(entries: readonly TextEntry[]): IndexedFiles {
  const files = [...entries];
  const views = new Map<string, FileView>();
  let names: Map<string, string[]> | undefined;

  return {
    find(path) {
      const known = files[placeOf(path)];
      return known?.path === path ? known : undefined;
    },
    entries: () => files,
    put(entry) {
      const place = placeOf(entry.path);
      const known = files[place];
      const isKnown = known?.path === entry.path;
      files.splice(place, isKnown ? 1 : 0, entry);
      if (!isKnown) addName(entry.path);
      if (!isKnown || known.kind !== entry.kind) views.clear();
    },
    remove(path) {
      const place = placeOf(path);
      if (files[place]?.path !== path) return;
      files.splice(place, 1);
      views.clear();
      const others = names?.get(nameOfFile(path));
      others?.splice(others.indexOf(path), 1);
    },
    view(include, exclude, part) {
      const key = JSON.stringify([include, exclude, part]);
      const view = views.get(key) ?? createView(include, exclude, part);
      if (views.size >= maxViews) views.clear();
      views.set(key, view);
      return view;
    },
    named(name) {
      if (names === undefined) {
        names = new Map();
        for (const { path } of files) addName(path);
      }
      return names.get(name)?.toSorted() ?? [];
    },
  };

  function placeOf(path: string): number {
    return lowerBound(files.length, (place) => (files[place]?.path ?? '') < path);
  }

  function addName(path: string) {
    if (names === undefined) return;
    const name = nameOfFile(path);
    const others = names.get(name);
    if (others) others.push(path);
    else names.set(name, [path]);
  }

  function createView(include: readonly string[], exclude: readonly string[], part: Part): FileView {
    const isFiltered = include.length + exclude.length > 0;
    const passes = isFiltered ? createPathFilter(include, exclude) : undefined;
    const aside = new Set(files.filter(({ isAside }) => isAside).map(({ path }) => path));
    const searched = new Uint32Array(files.length + 1);
    const binary = new Uint32Array(files.length + 1);
    const read = new Set<string>();
    for (const [place, { path, kind, isAside }] of files.entries()) {
      const isIn = kind !== 'none' && isOfPart(part, path, isAside) && (passes?.(path) ?? true);
      searched[place + 1] = (searched[place] ?? 0) + (isIn && kind === 'text' ? 1 : 0);
      binary[place + 1] = (binary[place] ?? 0) + (isIn && kind === 'binary' ? 1 : 0);
      if (isIn && kind === 'read') read.add(path);
    }
    const between = (counts: Uint32Array, from: number, to: number) => (counts[to] ?? 0) - (counts[from] ?? 0);
    return {
      passes: part === 'all' ? passes : (path) => isOfPart(part, path, aside.has(path)) && (passes?.(path) ?? true),
      read,
      count(from, to) {
        const first = from === undefined ? 0 : placeOf(from);
        const end = to === undefined ? files.length : placeOf(to);
        return { searched: between(searched, first, end), binary: between(binary, first, end) };
      },
    };
  }
}

function isOfPart(part: Part, path: string, isAside: boolean): boolean {
  if (part === 'outlined') return isOutlined(path);
  return part === 'all' || isAside === (part === 'aside');
}
