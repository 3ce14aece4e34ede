import { counted } from '../text/count.ts';
import type { LikelyFile, Material } from './material.ts';
import type { Question } from './plan.ts';
import { stemsOfText } from './requirements.ts';

export type OpenQuestion = Pick<Question, 'text' | 'assumed'>;

interface Asked {
  goal: string;
  /** It names its own ticket. */
  hasTicket: boolean;
  chosen: readonly LikelyFile[];
  material: Material;
}

const most = 3;
const fewStems = 7;

/** What only a person can say, and would change the plan; the most telling first. */
export function questionsOn(asked: Asked): OpenQuestion[] {
  const asks = [sameWork, whichModule, oldUsers, oldData, howFast, howSeen];
  return asks.flatMap((ask) => ask(asked) ?? []).slice(0, most);
}

function sameWork({ hasTicket, material: { tickets } }: Asked): OpenQuestion | undefined {
  const [like] = tickets;
  if (!like || hasTicket) return undefined;
  return {
    text: `Is this the work of ${like.id}, "${like.title}" (${like.status})?`,
    assumed: 'No, it is other work.',
  };
}

/** Where files of several parts of the project are about as likely. */
function whichModule({ chosen }: Asked): OpenQuestion | undefined {
  const likely = chosen.filter(({ isNamed, score }) => !isNamed && score >= 0.9);
  const folders = [...new Set(likely.map(({ path }) => partOf(path)))];
  const parts = folders.filter((folder) => !folders.some((other) => other.startsWith(`${folder}/`)));
  if (parts.length < 2 || chosen.some(({ isNamed }) => isNamed)) return undefined;
  return {
    text: `Which part is meant: ${parts.slice(0, 4).join(', ')}? All are about as likely by their words.`,
    assumed: 'All of them.',
  };
}

function oldUsers({ goal, chosen }: Asked): OpenQuestion | undefined {
  if (!/\b(remov|delet|drop|renam|replac|deprecat|break)/i.test(goal)) return undefined;
  const paths = new Set(chosen.map(({ path }) => path));
  const outside = new Set(chosen.flatMap(({ importedBy }) => importedBy).filter((path) => !paths.has(path)));
  const used = outside.size > 0 ? ` (${counted(outside.size, 'file')} of the project use what changes)` : '';
  return {
    text: `May what relies on the old behaviour break${used}?`,
    assumed: 'No: it goes on working, or is changed along.',
  };
}

function oldData({ goal }: Asked): OpenQuestion | undefined {
  if (!/\b(migrat|schema|database|column|stored|on disk|file format|serializ)/i.test(goal)) return undefined;
  return { text: 'Must data that was written before still be read?', assumed: 'Yes.' };
}

function howFast({ goal }: Asked): OpenQuestion | undefined {
  if (!/\b(faster|slow|speed|performance|latency|memory|optimi[sz])/i.test(goal) || /\d/.test(goal)) return undefined;
  return {
    text: 'Which figure is good enough, measured how?',
    assumed: 'Better than now, by a measurement before and after.',
  };
}

function howSeen({ goal }: Asked): OpenQuestion | undefined {
  if (new Set(stemsOfText(goal)).size > fewStems) return undefined;
  return {
    text: 'What is to be seen when it is done? Name one case and its result.',
    assumed: 'What the goal says, no more.',
  };
}

/** The first folder of a path, and the second below those that all projects have. */
function partOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  const depth = /^(packages|crates|apps|src|lib|modules|libs|services|ext|cmd|internal|pkg)$/.test(folders[0] ?? '')
    ? 2
    : 1;
  return folders.slice(0, depth).join('/') || '.';
}
