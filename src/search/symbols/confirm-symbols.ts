import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { readText } from '../files/text-files.ts';
import type { SymbolHit } from './find-symbols.ts';
import type { Syntax } from './syntax.ts';

export interface ConfirmSymbolsInput {
  root: Root;
  hits: readonly SymbolHit[];
}

/** Definitions as a parser sees them. Files are parsed once each, the best answers' first, for as long as there is time. */
export async function confirmSymbols(
  { root, hits }: ConfirmSymbolsInput,
  syntax: Syntax,
  { shouldStop }: JobControl,
): Promise<SymbolHit[]> {
  const confirmed = new Map<SymbolHit, SymbolHit>();
  for (const path of new Set(hits.map((hit) => hit.path))) {
    const text = shouldStop() ? undefined : readText(root, path);
    if (text === undefined) continue;
    const inFile = hits.filter((hit) => hit.path === path);
    const seen = await syntax.check(text, inFile, shouldStop);
    for (const [at, hit] of inFile.entries()) confirmed.set(hit, { ...hit, ...seen[at] });
  }
  return hits.map((hit) => confirmed.get(hit) ?? hit);
}
