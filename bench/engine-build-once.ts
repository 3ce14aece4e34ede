import { buildIndex } from './engine-build.ts';

/** Prints how many milliseconds an index of a folder took. */
const [folder = '.'] = process.argv.slice(2);
const { ms } = await buildIndex(folder);
console.log(ms);
