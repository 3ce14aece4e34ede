import { flushCompileCache } from 'node:module';

/** For programs of tests that end by a kill, after which Node would keep nothing of what it compiled. */
setImmediate(flushCompileCache);
