/**
 * How well a path answers a few letters of it: 0 for not at all, higher is better. Each word of the query must occur,
 * as a whole or as letters in order; letters that begin a word, follow each other or lie in the file's name count
 * more (the idea of fzf's v1 algorithm).
 */
export function scorePath(query: string, path: string): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = path.toLowerCase();
  let total = 0;
  for (const word of words) {
    const score = scoreWord(word, lower, path);
    if (score === 0) return 0;
    total += score;
  }
  return words.length === 0 ? 0 : total / words.length - path.length / 1000;
}

function scoreWord(word: string, lower: string, path: string): number {
  const nameStart = lower.lastIndexOf('/') + 1;
  const name = lower.slice(nameStart);
  const stem = name.replace(/\.[^.]*$/, '');
  if (lower === word || name === word) return 100;
  if (lower.endsWith(`/${word}`)) return 98;
  if (stem === word) return 95;
  if (name.startsWith(word)) return 85;
  if (name.includes(word)) return 75;
  if (lower.includes(word)) return 60;
  return Math.max(scoreLetters(word, lower, path, nameStart), scoreLetters(word, lower, path, 0));
}

/** Letters in order from `from` on: 10 to 50 by how many of them begin words or follow the one before. */
function scoreLetters(word: string, lower: string, path: string, from: number): number {
  let position = from - 1;
  let good = 0;
  for (const letter of word) {
    const next = lower.indexOf(letter, position + 1);
    if (next < 0) return 0;
    if (next === position + 1 || beginsWord(path, next)) good++;
    position = next;
  }
  const share = good / word.length;
  return share < 0.5 ? 0 : 10 + 40 * share * (from > 0 ? 1 : 0.8);
}

function beginsWord(path: string, index: number): boolean {
  const before = path[index - 1];
  if (before === undefined || /[/._\-\s]/.test(before)) return true;
  return /[a-z0-9]/.test(before) && /[A-Z]/.test(path[index] ?? '');
}
