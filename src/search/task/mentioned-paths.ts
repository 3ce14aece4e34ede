import { namesIn, stemsOf } from './identifier-words.ts';

const maxCharacters = 2000;
const maxStems = 40;
const leastLength = 3;

/**
 * Paths that have a word of the task anywhere, those with most words first. A look at characters, which takes a hundredth
 * of the time that words take; what it finds is judged by words.
 */
export function mentionedPaths(task: string, paths: Iterable<string>, most: number): string[] {
  const stems = new Set(namesIn(task.slice(0, maxCharacters)).flatMap(stemsOf));
  const parts = [...stems].map((stem) => stem.replace(/i$/, '')); // of `retry` and `retries`
  const wanted = parts.filter((part) => part.length >= leastLength).slice(0, maxStems);
  const byCount = wanted.map((): string[] => []);
  for (const path of paths) {
    const lower = path.toLowerCase();
    let count = 0;
    for (const part of wanted) if (lower.includes(part)) count++;
    if (count > 0) byCount[count - 1]?.push(path);
  }
  return byCount.reverse().flat().slice(0, most);
}
