import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestClient } from '../helpers/connect.ts';
import { createDraws } from '../helpers/random.ts';
import type { FileChange } from './file-writer.ts';

/** A file as the writer has left it: its words, each of which is in no other file and never comes back. */
interface Known {
  path: string;
  words: string[];
}

/** What a change made: words that must be found in a file now, and words and a path that must not be found any more. */
export interface Outcome {
  change: FileChange;
  there: Known | undefined;
  goneWords: string[];
  gonePaths: string[];
}

/** Starts a process that changes the files of a folder at random, in a way that depends on the seed alone. */
export function startWriter(folder: string, seed: number) {
  const child = fork(new URL('./file-writer.ts', import.meta.url), { stdio: 'ignore' });
  const random = createChoice(seed);
  const files: Known[] = [];
  let count = seed * 100_000; // so that writers of one folder, one after the other, have no name in common

  return {
    async next(): Promise<Outcome> {
      const outcome = choose();
      const { change } = outcome;
      const absolute = { ...change, path: join(folder, change.path) };
      child.send('to' in absolute ? { ...absolute, to: join(folder, absolute.to) } : absolute);
      await once(child, 'message');
      return outcome;
    },
    close: () => void child.kill(),
  };

  function choose(): Outcome {
    const file = files[random(files.length)];
    const kind = random(10);
    if (!file || kind < 4 || files.length < 5) return create();
    if (kind < 6) return change(file);
    if (kind < 7) return append(file);
    if (kind < 8) return rename(file);
    if (kind < 9) return renameFolder(file);
    return remove(file);
  }

  function create(): Outcome {
    const word = newWord();
    const file = { path: newPath(), words: [word] };
    files.push(file);
    return outcomeOf({ kind: 'write', path: file.path, content: define(word) }, file);
  }

  function change(file: Known): Outcome {
    const goneWords = file.words;
    const word = newWord();
    file.words = [word];
    return { ...outcomeOf({ kind: 'write', path: file.path, content: define(word) }, file), goneWords };
  }

  function append(file: Known): Outcome {
    const word = newWord();
    file.words.unshift(word);
    return outcomeOf({ kind: 'append', path: file.path, content: define(word) }, file);
  }

  function rename(file: Known): Outcome {
    const { path } = file;
    file.path = newPath();
    return { ...outcomeOf({ kind: 'rename', path, to: file.path }, file), gonePaths: [path] };
  }

  function renameFolder(file: Known): Outcome {
    const from = file.path.slice(0, file.path.indexOf('/'));
    const to = `folder${count++}`;
    const gonePaths: string[] = [];
    for (const each of files) {
      if (!each.path.startsWith(`${from}/`)) continue;
      gonePaths.push(each.path);
      each.path = to + each.path.slice(from.length);
    }
    return { ...outcomeOf({ kind: 'rename', path: from, to }, file), gonePaths };
  }

  function remove(file: Known): Outcome {
    files.splice(files.indexOf(file), 1);
    const { path, words } = file;
    return { change: { kind: 'remove', path }, there: undefined, goneWords: words, gonePaths: [path] };
  }

  function newPath(): string {
    const parents = [...new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))];
    const parent = random(3) === 0 ? undefined : parents[random(parents.length)];
    return `${parent ?? `folder${count++}/below${count}`}/file${lettersOf(count++)}.ts`;
  }

  function newWord(): string {
    return `word${lettersOf(count++)}`;
  }
}

function outcomeOf(change: FileChange, there: Known): Outcome {
  return { change, there, goneWords: [], gonePaths: [] };
}

function define(word: string): string {
  return `export function ${word}() {\n  return 1;\n}\n`;
}

/** Five letters, so that no word is a part of another. */
function lettersOf(value: number): string {
  let rest = value * 7919 + 104_729; // neighbours look different, as names do
  return Array.from({ length: 5 }, () => {
    const letter = String.fromCharCode(97 + (rest % 26));
    rest = Math.floor(rest / 26);
    return letter;
  }).join('');
}

/** Each way to look for a file, and what is wrong with what it found. */
export const looks: Record<string, (client: TestClient, outcome: Outcome) => Promise<string[]>> = {
  text: (client, outcome) => lookForWords(client, 'text', outcome),
  regex: (client, outcome) => lookForWords(client, 'regex', outcome),
  symbol: (client, outcome) => lookForWords(client, 'symbol', outcome),
  references: (client, outcome) => lookForWords(client, 'references', outcome),

  async path(client, { there, gonePaths }) {
    const wrong: string[] = [];
    for (const path of [...(there ? [there.path] : []), ...gonePaths.slice(0, 2)]) {
      const found = pathsOf(await client.callTool('search_files', { query: path, mode: 'path' }));
      if (found.includes(path) !== (path === there?.path)) wrong.push(`path ${path}: ${found}`);
    }
    return wrong;
  },

  async suggest(client, { there, gonePaths }) {
    const task = `Mend what ${there?.words[0] ?? 'export'} returns`;
    const found = pathsOf(await client.callTool('suggest_files', { task, limit: 50 }));
    const gone = gonePaths.filter((path) => found.includes(path));
    const missing = there && !found.includes(there.path) ? [there.path] : [];
    return [...gone.map((path) => `suggests ${path}`), ...missing.map((path) => `suggests no ${path}: ${found}`)];
  },

  async read(client, { there, gonePaths, goneWords }) {
    const paths = [...(there ? [there.path] : []), ...gonePaths].slice(0, 5);
    const { text } = await client.callTool('read_files', { paths });
    const missing = there?.words.filter((word) => !text.includes(word)) ?? [];
    return [...missing.map((word) => `reads no ${word}`), ...goneWords.filter((word) => text.includes(word))];
  },
};

async function lookForWords(client: TestClient, mode: string, { there, goneWords }: Outcome): Promise<string[]> {
  const wrong: string[] = [];
  for (const word of [...(there?.words.slice(0, 2) ?? []), ...goneWords.slice(0, 2)]) {
    const { text } = await client.callTool('search_files', { query: word, mode });
    const path = there?.words.includes(word) ? there.path : undefined;
    // a name that is gone may be answered with names like it
    const isRight = path ? text.includes(`\n${path}\n`) && text.includes(word) : !text.includes(word);
    if (!isRight) wrong.push(`${mode} ${word} in ${path}: ${text.slice(0, 200)}`);
  }
  return wrong;
}

function pathsOf({ data }: { data: Record<string, unknown> | undefined }): string[] {
  const { files } = data ?? {};
  return Array.isArray(files) ? files.map(({ path }: { path: string }) => path) : [];
}

function createChoice(seed: number): (below: number) => number {
  const draw = createDraws(seed);
  return (below) => Math.floor(draw() * below);
}
