import { roleOf } from '../search/files/file-role.ts';
import { cut } from '../text/cut.ts';
import type { Group } from './draft-steps.ts';
import type { LikelyFile } from './material.ts';

/** What a step of a draft is called, and why it is there. */

export function titleOf({ folder, files }: Group): string {
  const verb = files.every(({ isNew }) => isNew) ? 'Make' : 'Change';
  return `${verb} ${files.map(({ path }) => nameOf(path)).join(', ')}${folder ? ` in ${folder}` : ''}`;
}

/** Below it a file is more of a guess. */
const sure = 0.85;
const maxReasons = 2;
const maxReason = 90;

export function reasonsOf({ files }: Group): string {
  const isGuess = files.every(({ isNamed, score }) => !isNamed && score < sure);
  return `${isGuess ? 'Less likely.\n' : ''}${files.map(reasonOf).join('\n')}`;
}

function reasonOf({ path, why, purpose, isNew }: LikelyFile): string {
  if (isNew) return `${nameOf(path)}: named by the caller, to be made.`;
  const telling = why.filter((reason) => !reason.startsWith('has '));
  const reasons = (telling.length > 0 ? telling : why).slice(0, maxReasons).map((reason) => cut(reason, maxReason));
  const first = purpose.split(/(?<=\.)\s/)[0]?.replace(/\.$/, '') ?? '';
  const told = first.startsWith('Defines ') ? '' : cut(first, maxReason);
  return `${nameOf(path)}${told && ` (${told})`}: ${reasons.join('; ')}.`;
}

const mostNamed = 3;

/** Who else relies on what changes. */
export function riskOf({ files }: Group, chosen: readonly LikelyFile[]): string {
  const paths = new Set(chosen.map(({ path }) => path));
  const others = new Set(files.flatMap(({ importedBy }) => importedBy));
  const users = [...others].filter((path) => !paths.has(path) && roleOf(path) === 'source');
  if (users.length === 0) return '';
  const more = users.length > mostNamed ? ` and ${users.length - mostNamed} more` : '';
  return `Used by ${users.slice(0, mostNamed).join(', ')}${more}, which this plan leaves as ${users.length > 1 ? 'they are' : 'it is'}.`;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
