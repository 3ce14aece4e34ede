/** Another process that changes files, one change a message, and answers once it is done. */
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type FileChange =
  | { kind: 'write' | 'append'; path: string; content: string }
  | { kind: 'rename'; path: string; to: string }
  | { kind: 'remove'; path: string };

process.on('message', (change: FileChange) => {
  apply(change);
  process.send?.('done');
});

function apply(change: FileChange) {
  const { kind, path } = change;
  if (kind === 'remove') return rmSync(path, { recursive: true });
  const place = kind === 'rename' ? change.to : path;
  mkdirSync(dirname(place), { recursive: true });
  if (kind === 'rename') renameSync(path, place);
  else if (kind === 'append') appendFileSync(path, change.content);
  else writeFileSync(path, change.content);
}
