import { getProject } from './get-project.ts';
import { readFiles } from './read-files.ts';
import { searchFiles } from './search-files.ts';
import type { Tool } from './tool.ts';

/** Every tool, in the order in which clients list them. */
export const tools: readonly Tool[] = [searchFiles, readFiles, getProject];
