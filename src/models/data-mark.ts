import { randomBytes } from 'node:crypto';

/** A word by which a model tells data from instructions, new for each question: nobody who writes a file can know it. */
export function createDataMark(): string {
  return randomBytes(6).toString('hex');
}

/** Text from outside, between the tags that the prompts speak of. */
export function markAsData(text: string, mark: string): string {
  return `<data-${mark}>\n${text}\n</data-${mark}>`;
}
