import { cleanLine } from '../../text/clean.ts';
import { cut } from '../../text/cut.ts';

const maxTitle = 60;
export const untitled = 'Untitled';

/** The first words of what was said first. */
export function titleOf(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  const sentence = /^.*?[.!?。！？](?=\s|$)/u.exec(line)?.[0] ?? line;
  const title = cleanLine(sentence.replace(/^#+\s*/, '')).replace(/[.:]$/, '');
  return cut(title, maxTitle) || untitled;
}
