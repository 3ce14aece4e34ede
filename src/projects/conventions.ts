import type { Root } from './door.ts';
import { isThere } from './file-look.ts';
import { findGitDirectory, isOwnRepository } from './git-directory.ts';
import { type Commit, recentCommits } from './git-log.ts';
import { manifestNames, readScripts, type Script } from './manifest.ts';
import { readHead } from './read-head.ts';

export interface ConventionsInput {
  root: Root;
  /** Of each document. */
  characters: number;
  commits: number;
}

export interface Conventions {
  /** What the project asks of those who change it, the head of each. */
  documents: Array<{ path: string; text: string }>;
  /** Where each change is told of by hand, as far as can be seen. */
  changelog?: string;
  scripts: Script[];
  /** Files at the root that say which tools build and test it, such as `Cargo.toml`. */
  tools: string[];
  /** The newest first. */
  commits: Commit[];
}

const documentNames = [
  ...['AGENTS.md', 'CLAUDE.md', 'CONTRIBUTING.md', '.github/CONTRIBUTING.md', 'docs/CONTRIBUTING.md'],
  ...['.github/copilot-instructions.md', '.cursorrules', 'GEMINI.md'],
];
const changelogNames = ['CHANGELOG.md', 'CHANGES.md', 'CHANGES.rst', 'HISTORY.md', 'NEWS.md', 'changelog.md'];
const toolNames = ['Cargo.toml', 'go.mod', 'deno.json', 'deno.jsonc', 'pytest.ini', 'tox.ini', 'conftest.py'];
const maxDocuments = 3;
const maxManifestBytes = 256 * 1024;

/** By the lock file beside a package.json. */
const runners = [
  ['pnpm-lock.yaml', 'pnpm run'],
  ['yarn.lock', 'yarn run'],
  ['bun.lock', 'bun run'],
  ['bun.lockb', 'bun run'],
] as const;

/** How the project is worked on, from a few files at its root: without a walk, for who knows its files already. */
export function readConventions({ root, characters, commits }: ConventionsInput): Conventions {
  const git = findGitDirectory(root.folder);
  const documents = readDocuments(root, characters);
  const changelog = changelogNames.find((name) => isThere(root, name) && isKeptByHand(root, name, documents));
  return {
    documents,
    ...(changelog !== undefined && { changelog }),
    scripts: readAllScripts(root),
    tools: toolNames.filter((name) => isThere(root, name)),
    commits: git && isOwnRepository(git) ? recentCommits(git, commits) : [],
  };
}

/** Many are written at a release, from the commits: a change has no place there. */
function isKeptByHand(root: Root, changelog: string, documents: Conventions['documents']): boolean {
  return documents.some(({ text }) => text.includes(changelog)) || /unreleased/i.test(readHead(root, changelog, 2048));
}

/** Often one of them is a link to another, or its copy. */
function readDocuments(root: Root, characters: number): Conventions['documents'] {
  const found = new Map<string, string>();
  for (const path of documentNames) {
    const text = readHead(root, path, characters * 4).slice(0, characters);
    if (text.trim() !== '' && ![...found.values()].includes(text)) found.set(path, text);
  }
  return [...found].slice(0, maxDocuments).map(([path, text]) => ({ path, text }));
}

function readAllScripts(root: Root): Script[] {
  const runner = runners.find(([name]) => isThere(root, name))?.[1] ?? 'npm run';
  const scripts = manifestNames.flatMap((name) => readScripts(name, readHead(root, name, maxManifestBytes)));
  return scripts.map((script) => ({ ...script, run: script.run.replace(/^npm run(?= )/, runner) }));
}
