import { describeSummary } from './describe-summary.ts';
import type { FileSummary, Summary } from './summary.ts';

/**
 * The first of the summaries, as many as there is room for as data and as text; the first of a page is made shorter until
 * it fits.
 */
export function fitPage(
  summaries: readonly Summary[],
  room: number,
  isFirst: boolean,
): { kept: Summary[]; room: number } {
  const kept: Summary[] = [];
  let left = room;
  for (const summary of summaries) {
    const fitted = isFirst && kept.length === 0 ? shortened(summary, left) : summary;
    const cost = costOf(fitted);
    if (cost > left && (!isFirst || kept.length > 0)) return { kept, room: left };
    left -= cost;
    kept.push(fitted);
  }
  return { kept, room: left };
}

function costOf(summary: Summary): number {
  return Math.max(JSON.stringify(summary).length + 1, describeSummary(summary).length + 2);
}

/** Says how much it left out. */
function shortened(summary: Summary, room: number): Summary {
  let short = summary;
  while (costOf(short) > room) {
    const next = short.kind === 'file' ? withFewer(short) : short.kind === 'folder' ? withFewerParts(short) : undefined;
    if (!next) return short;
    short = next;
  }
  return short;
}

function withFewer(file: FileSummary): FileSummary | undefined {
  const { exports = [], more_exports = 0, headings = [], imports = [], uses = [], ...rest } = file;
  const longest = Math.max(exports.length, headings.length, imports.length, uses.length);
  if (longest <= 1) return undefined;
  const kept = exports.slice(0, half(exports.length, longest));
  const more = more_exports + exports.length - kept.length;
  return {
    ...rest,
    ...(kept.length > 0 && { exports: kept }),
    ...(more > 0 && { more_exports: more }),
    ...(headings.length > 0 && { headings: headings.slice(0, half(headings.length, longest)) }),
    ...(imports.length > 0 && { imports: imports.slice(0, half(imports.length, longest)) }),
    ...(uses.length > 0 && { uses: uses.slice(0, half(uses.length, longest)) }),
  };
}

/** Only the longest lists are halved. */
function half(length: number, longest: number): number {
  return length * 2 > longest ? Math.floor(length / 2) : length;
}

function withFewerParts(folder: Extract<Summary, { kind: 'folder' }>): typeof folder | undefined {
  const { folders = [], own_files: own = [], more_files: more = 0, ...rest } = folder;
  if (folders.length + own.length <= 2) return undefined;
  const keptFolders = folders.slice(0, half(folders.length, Math.max(folders.length, own.length)));
  const keptFiles = own.slice(0, half(own.length, Math.max(folders.length, own.length)));
  const notes = ['not all of its folders fit into one answer; name one to see more'];
  return {
    ...rest,
    ...(keptFolders.length > 0 && { folders: keptFolders }),
    ...(keptFiles.length > 0 && { own_files: keptFiles }),
    more_files: more + own.length - keptFiles.length,
    ...(keptFolders.length < folders.length ? { notes } : rest.notes && { notes: rest.notes }),
  };
}
