import { loadTools } from '../../src/tools/index.ts';

/** All of them, as they are in the sources. */
export const tools = await loadTools();
