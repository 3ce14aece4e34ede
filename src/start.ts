#!/usr/bin/env node
import './node-version.ts';
import { mkdirSync } from 'node:fs';
import module from 'node:module'; // as a whole: older Nodes lack parts of it
import { join } from 'node:path';
import { dataFolder } from './user-folders.ts';

/**
 * The compiled program is kept from start to start, which takes a quarter off the time to the first answer. In a folder of the
 * user's own, since whoever can write there runs code in this process (https://nodejs.org/api/module.html#module-compile-cache).
 */
const codeCache = join(dataFolder(process.env), 'cache', 'code');
/** By then a client has had its first answers; it may kill the process without a word. */
const startedMs = 3000;

if (!process.env.NODE_COMPILE_CACHE) {
  try {
    mkdirSync(codeCache, { recursive: true, mode: 0o700 });
    module.enableCompileCache(codeCache);
  } catch {
    // a home that cannot be written to
  }
}
setTimeout(module.flushCompileCache, startedMs).unref();

await import('./main.ts');
