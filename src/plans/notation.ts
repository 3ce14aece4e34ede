import { UserError } from '../errors.ts';
import { type Acceptance, fileActions, type Question, type StepFile } from './plan.ts';

/* Files and acceptance items as people and agents write them: one short line each, in answers as in arguments. */

/** `edit src/a.ts`, `new src/b.ts`, `delete src/c.ts`; a path alone is edited. */
export function parseFile(text: string): StepFile {
  const match = /^(edit|new|delete)[: ]\s*(\S.*)$/i.exec(text.trim());
  const action = fileActions.find((each) => each === match?.[1]?.toLowerCase());
  return action && match?.[2] ? { path: match[2], action } : { path: text.trim(), action: 'edit' };
}

export function formatFile({ path, action }: StepFile): string {
  return `${action} ${path}`;
}

/** `Totals are right => npm test` is a statement and the check that shows it. */
export function parseAcceptance(text: string): Acceptance {
  const at = text.lastIndexOf(' => ');
  if (at < 0) return { text };
  const [statement, check] = [text.slice(0, at).trim(), text.slice(at + 4).trim()];
  return statement === '' || check === '' ? { text } : { text: statement, check };
}

export function formatAcceptance({ text, check }: Acceptance): string {
  return check === undefined ? text : `${text} => ${check}`;
}

/**
 * `Q1: the old format stays`
 *
 * @throws UserError `bad_input`, or `not_found` for a question that the plan does not have
 */
export function parseAnswer(text: string, questions: readonly Question[]): { id: string; answer: string } {
  const match = /^\s*(Q\d+)\s*[:=]?\s*([\s\S]*)$/i.exec(text);
  if (!match?.[1]) {
    throw new UserError(
      'bad_input',
      `${JSON.stringify(text.slice(0, 60))} answers no question. Write "Q1: your answer".`,
    );
  }
  const id = match[1].toUpperCase();
  if (questions.some((question) => question.id === id)) return { id, answer: match[2]?.trim() ?? '' };
  const known = questions.map((question) => question.id).join(', ') || 'none';
  throw new UserError('not_found', `The plan has no question ${id}. Known: ${known}.`);
}
