import { createTwoFilesPatch } from 'diff';
import type { WorkTreeChange, WorkTreeChanges } from '../projects/work-tree.ts';
import { visibleLine } from '../text/clean.ts';

const notes = {
  secret: 'may hold credentials and is not shown',
  binary: 'is no text',
  'too large': 'is too large to be compared',
  unreadable: 'cannot be read',
};
const kinds = { changed: 'Changed', added: 'New', removed: 'Removed' };
/** Beyond so many lines that differ, two texts have little in common, and the time to find it grows with the square. */
const maxEdits = 2000;

/** Changes as one unified diff, with a line for each file that has none. */
export function diffText({ changes, cut }: WorkTreeChanges): string {
  const end = cut && `# There is more: ${cut === 'time' ? 'the time was too short' : 'only the first are shown'}.\n`;
  return [...changes.map(patchOf), end ?? ''].join('');
}

function patchOf({ path, kind, before, after, note }: WorkTreeChange): string {
  const name = visibleLine(path);
  if (note) return `# ${kinds[kind]}: ${name} ${notes[note]}.\n`;
  const [from, to] = [kind === 'added' ? '/dev/null' : `a/${name}`, kind === 'removed' ? '/dev/null' : `b/${name}`];
  const options = { context: 3, maxEditLength: maxEdits };
  const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, options);
  if (patch === undefined) return `# ${kinds[kind]}: ${name} differs in too many lines to be shown.\n`;
  return patch.replace(/^=+\n/, '');
}
