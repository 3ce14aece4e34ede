/** Bundles the program: `dist/octant.js` is the bin, `dist/worker.js` the thread that it starts for files and searches. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: { octant: 'src/main.ts', worker: 'src/search/worker.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // What is imported on first use stays a file of its own, in dist/ itself, since paths are relative to `import.meta.url`.
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
