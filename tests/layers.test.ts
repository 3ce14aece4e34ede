import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Imports point down. A file may import from its own layer and from those below; what is beside it in the same rank
 * (tools, resources, prompts) it may not. `import type` counts too: a type is knowledge of a layer.
 */
const ranks: ReadonlyArray<readonly string[]> = [
  ['start'],
  ['main'],
  ['transports', 'commands', 'shutdown'],
  ['server'],
  ['completions'],
  ['tools', 'resources', 'prompts'],
  ['context'],
  ['packing'],
  ['library', 'plans', 'tickets', 'summaries', 'chats'],
  ['agents'],
  ['runs'],
  ['models'],
  ['search'],
  ['projects'],
  ['providers'],
  ['store'],
  ['config', 'help', 'incident', 'caller'],
  ['settings'],
  ['endpoints', 'pack-flags', 'spending-caps'],
  ['errors', 'deadlines', 'flags', 'log', 'package', 'node-version', 'user-folders', 'text'],
];

/** The folders within a layer that has some, from the services on top to what is by itself. */
const foldersOf = {
  chats: ['turns', 'context', 'looks', 'changes', 'rows'],
  search: [
    '',
    'threads',
    'live',
    'text',
    'outlines',
    'symbols',
    'paths',
    'task',
    'engine',
    'analysis',
    'regex',
    'files',
    'wasm',
  ],
};

/** Known exceptions, each with its reason. */
const allowed = new Set([
  'text/cursor.ts -> errors.ts', // same rank: a bad cursor is the caller's to mend
  'text/globs.ts -> errors.ts', // and so is a bad glob
]);

const files = globSync('src/**/*.ts').map((path) => path.replaceAll('\\', '/').slice('src/'.length));

function layerOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

function rankOf(path: string): number {
  return ranks.findIndex((rank) => rank.includes(layerOf(path)));
}

function importsOf(path: string): string[] {
  const source = readFileSync(join('src', path), 'utf8');
  return [...source.matchAll(/^(?:import|export)\s[^'";]*?from '(\.[^']+)'/gm)].map(([, target]) =>
    normalize(join(dirname(path), target ?? '')).replaceAll('\\', '/'),
  );
}

describe('Imports point down', () => {
  it.each(files)('in %s', (path) => {
    expect(rankOf(path), 'every file belongs to a layer').toBeGreaterThanOrEqual(0);
    const upward = importsOf(path).filter((target) => {
      if (layerOf(target) === layerOf(path) || allowed.has(`${path} -> ${target}`)) return false;
      return rankOf(target) <= rankOf(path);
    });
    expect(upward).toEqual([]);
  });
});

describe.each(Object.entries(foldersOf))('Within %s imports point down', (layer, folders) => {
  const folderOf = (path: string) => (path.startsWith(`${layer}/`) ? dirname(path).slice(layer.length + 1) : undefined);
  const rankIn = (path: string) => folders.indexOf(folderOf(path) ?? '');
  const isRanked = (path: string) => folderOf(path) !== undefined && (folderOf(path) !== '' || rankIn(path) >= 0);

  it.each(files.filter(isRanked))('in %s', (path) => {
    expect(rankIn(path), 'every folder has a place').toBeGreaterThanOrEqual(0);
    const upward = importsOf(path).filter((target) => isRanked(target) && rankIn(target) < rankIn(path));
    expect(upward).toEqual([]);
  });
});

describe('A tool', () => {
  it.each(files.filter((path) => path.startsWith('tools/')))('does not import another: %s', (path) => {
    const shared = [
      'tools/tool.ts',
      'tools/params.ts',
      'tools/change-params.ts',
      'tools/ticket-params.ts',
      'tools/run-params.ts',
      'tools/as-run.ts',
      'tools/check-input.ts',
      'tools/agent-tools.ts',
      'tools/plan-params.ts',
      'tools/prompt-params.ts',
      'tools/turn-params.ts',
      'tools/chat-params.ts',
      'tools/attach.ts',
      'tools/from-plan.ts',
      'tools/register.ts',
      'tools/index.ts',
      'tools/listed.ts',
    ];
    if (shared.includes(path)) return;
    const others = importsOf(path).filter((target) => target.startsWith('tools/') && !shared.includes(target));
    expect(others).toEqual([]);
  });
});

describe('Only the door and its neighbours touch the disk', () => {
  const mayTouchDisk = new Set([
    ...[
      'config.ts',
      'context.ts',
      'endpoints.ts',
      'main.ts',
      'package.ts',
      'node-version.ts',
      'start.ts',
      'library/prompt-file.ts',
      'library/own-folder.ts',
      'agents/agent-folder.ts',
    ], // at start
    ...[
      'projects/door.ts',
      'projects/file-look.ts',
      'projects/folders.ts',
      'projects/watch.ts',
      'projects/watch-tree.ts',
      'projects/watch-coming.ts',
      'projects/folder-entries.ts',
      'projects/folder-memory.ts',
      'projects/walk-place.ts',
    ],
    ...['projects/git-directory.ts', 'projects/git-file.ts', 'projects/git-index.ts', 'projects/git-log.ts'],
    ...['projects/git-objects.ts', 'projects/git-pack.ts', 'projects/folder-watches.ts', 'projects/ignore-state.ts'],
    ...['store/sqlite-file.ts', 'store/cache-file.ts', 'search/live/index-cache.ts'],
    ...[
      'commands/backup.ts',
      'commands/export.ts',
      'commands/import.ts',
      'commands/export-prompts.ts',
      'commands/replace-file.ts',
      'commands/pack.ts',
    ], // what the user names on the command line
    'search/wasm/modules.ts', // the program's own modules, when they are first needed
  ]);

  it.each(files.filter((path) => !mayTouchDisk.has(path)))('so %s does not', (path) => {
    expect(readFileSync(join('src', path), 'utf8')).not.toMatch(/from 'node:fs(\/promises)?'/);
  });
});

describe('Only the asker asks models, so that no call is without a receipt', () => {
  it.each(files.filter((path) => !/^(models|providers)\//.test(path)))('so %s does not', (path) => {
    expect(readFileSync(join('src', path), 'utf8')).not.toMatch(/\bmodels\.stream\(/);
  });
});

describe('No child process is started', () => {
  it.each(files.filter((path) => path !== 'node-version.ts'))('by %s', (path) => {
    expect(readFileSync(join('src', path), 'utf8')).not.toContain('child_process');
  });
});
