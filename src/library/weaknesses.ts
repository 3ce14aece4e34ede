import { findSecrets } from '../providers/secrets.ts';
import { signs, type WeaknessSign, withoutCode } from './weakness-signs.ts';

/** What makes a prompt miss what its author means, found without a model. */
export interface Weakness {
  name: WeaknessName;
  /** What is wrong, with the words that show it. */
  what: string;
  /** What to write instead. */
  fix: string;
}

export type WeaknessName = 'secret' | WeaknessSign;

/** By name: what to write instead. Order is that of reports, the gravest first. */
const fixes = {
  secret: 'Take it out: a saved prompt is shown to whoever asks for it, and goes to models.',
  left_open: 'Fill it in, or make it an {{argument}}.',
  no_task: 'Say what is to be done, in a sentence that begins with a verb.',
  refers_outside: 'Say what is meant here: who reads this alone knows nothing of what was said before.',
  vague: 'Say what would be seen when it is done, with numbers or names.',
  no_place: 'Name the files, functions or commands that it is about, or take them by a slot such as {{files:task}}.',
  no_done_check: 'Say how to tell that it is done: which test passes, which command to run.',
  no_answer_form: 'Say what the answer has: its parts, its length, its form.',
  no_limits: 'Say what to leave alone.',
  many_tasks: 'Number the steps, or make a prompt of each.',
  contradiction: 'Decide for one, or say when which holds.',
  wall_of_text: 'Break it into short paragraphs or a list.',
  role_play: 'Leave it out, and say what the answer must hold.',
  pressure: 'Say it once, in plain words, with the reason.',
  thinking_orders: 'Leave it out, and name the checks that must be made.',
  machine_path: 'Use paths from the root of the project.',
} as const satisfies Record<WeaknessName, string>;

export const weaknessNames: readonly string[] = Object.keys(fixes);

/** What a prompt does not say by then, it does not say. */
const mostLooked = 20_000;

/** @returns what a checklist sees in a text, the gravest first */
export async function findWeaknesses(text: string): Promise<Weakness[]> {
  const [secret] = await findSecrets(text, []);
  const start = text.slice(0, mostLooked);
  const plain = withoutCode(start);
  const found = signs.flatMap(([name, find]) => {
    const what = find(start, plain);
    return what === undefined ? [] : [{ name, what, fix: fixes[name] }];
  });
  const known = secret
    ? [{ name: 'secret' as const, what: 'It holds what looks like a secret.', fix: fixes.secret }]
    : [];
  return [...known, ...found];
}
