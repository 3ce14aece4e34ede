import { UserError } from '../errors.ts';
import type { HashedFile } from '../projects/hash-files.ts';
import { currentHashes, type Reading } from '../search/file-hashes.ts';
import { cleanText } from '../text/clean.ts';
import type { CitedFile, TicketDocument } from './ticket.ts';

/**
 * The files that somebody names, as they are now; each gets its hash, unless it is still to be written.
 *
 * @throws UserError for a path out of the project, a folder or a secret file
 */
export async function citeFiles(paths: readonly string[], reading: Reading): Promise<CitedFile[]> {
  return (await currentHashes(paths, reading)).map((file) => {
    if (file.state === 'refused') throw new UserError(file.code, file.message);
    checkShown(file.path);
    return file.state === 'hashed' ? { path: file.path, hash: file.digest.hash } : { path: file.path };
  });
}

/** A path stands in what people and models read, where it must not hide or reorder anything. */
function checkShown(path: string) {
  if (cleanText(path) === path && !/[\t\n]/.test(path)) return;
  throw new UserError(
    'bad_input',
    `The path ${JSON.stringify(path.slice(0, 120))} holds characters that cannot be seen.`,
  );
}

/** What became of a file since it was cited. */
export type FileState = 'same' | 'changed' | 'gone' | 'written' | 'planned' | 'unreadable';

/** Compares every file that a ticket or one of its tasks cites with what is there now. */
export async function compareFiles(document: TicketDocument, reading: Reading): Promise<Map<string, FileState>> {
  const cited = [...document.files, ...Object.values(document.tasks).flatMap(({ files }) => files ?? [])];
  const now = await currentHashes([...new Set(cited.map(({ path }) => path))], reading);
  const found = new Map(now.map((file) => [file.path, file]));
  return new Map(cited.map((file) => [file.path, stateOf(file, found.get(file.path))]));
}

function stateOf(cited: CitedFile, now: HashedFile | undefined): FileState {
  if (now?.state === 'refused') return 'unreadable';
  if (now?.state !== 'hashed') return cited.hash === undefined ? 'planned' : 'gone';
  if (cited.hash === undefined) return 'written';
  return cited.hash === now.digest.hash ? 'same' : 'changed';
}
