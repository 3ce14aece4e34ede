/**
 * Bundles the program: `dist/octant.js` is the bin, `dist/worker.js` and `dist/*-worker.js` its threads, and `dist/*.wasm`
 * the parts of the search that need SIMD.
 */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build, type Plugin } from 'esbuild';
import { grammarFiles } from './src/search/symbols/syntax-kinds.ts';
import { listedTools } from './src/tools/listed.ts';

/** What the sources would compute at each start. */
const listTools: Plugin = {
  name: 'list-tools',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]src[\\/]tools[\\/]listed\.ts$/ }, () => ({
      contents: `export const listedTools = ${JSON.stringify(listedTools)};`,
    })),
};

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');

await build({
  entryPoints: {
    octant: 'src/start.ts',
    main: 'src/main.ts', // under a name that stays, so that its compiled form is kept once
    worker: 'src/search/threads/worker.ts',
    'index-worker': 'src/search/threads/index-worker.ts',
    'build-worker': 'src/search/live/build-worker.ts',
    'look-worker': 'src/search/live/look-worker.ts',
    'scan-worker': 'src/search/live/scan-worker.ts',
    'task-worker': 'src/search/threads/task-worker.ts',
    'pack-worker': 'src/packing/pack-worker.ts',
    'fence-worker': 'src/search/regex/fence-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // What is imported on first use stays a file of its own, in dist/ itself, since paths are relative to `import.meta.url`.
  plugins: [listTools],
  splitting: true,
  chunkNames: '[name]-[hash]',
  // Drivers that packages name but never reach here: SQLite and PostgreSQL are spoken to in other ways.
  external: ['better-sqlite3', 'pg-native', 'bun:*'],
  // CommonJS dependencies (pino) ask for Node's own modules with require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  legalComments: 'none',
  // Less for Node to parse at each start; names stay, so that a stack trace in the log can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});

// Parsers of the languages that are outlined, each loaded when it is first needed.
mkdirSync('dist/grammars');
const grammars = new Set([...grammarFiles.values(), 'tsx']);
const parsers = [...grammars].map((name) => `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`);
for (const file of ['web-tree-sitter/web-tree-sitter.wasm', ...parsers]) {
  copyFileSync(fileURLToPath(import.meta.resolve(file)), `dist/grammars/${basename(file)}`);
}

await compileWasm(
  'scan.wasm',
  ['scan', 'postings', 'lines', 'needle'],
  ['--enable=simd,threads,bulk-memory', '--sharedMemory', '--maximumMemory=65536'],
);
await compileWasm('trigrams.wasm', ['trigrams', 'lines'], ['--enable=simd,bulk-memory']);

/** Compiles AssemblyScript that allocates nothing and gets its memory from who calls it. */
async function compileWasm(name: string, sources: readonly string[], options: readonly string[]) {
  const files = sources.map((source) => `src/search/wasm/${source}.as.ts`);
  const common = ['-O3', '--noAssert', '--runtime=stub', '--importMemory', '--initialMemory=1', '--use=abort='];
  const { error, stderr } = await asc.main([...files, ...common, ...options, `--outFile=${join('dist', name)}`]);
  if (error) throw new Error(`${stderr.toString()}${error.message}`);
}
