import type { Fill } from '../library/library.ts';
import { counted } from '../text/count.ts';
import type { Contexts } from './contexts.ts';
import type { Source, Sources } from './sources.ts';

/** Puts context into the slots of prompts, such as `{{ticket:T-12|500}}`: texts within their tokens, without secrets. */
export function createFill({ sources, contexts }: { sources: Sources; contexts: Contexts }): Fill {
  return async ({ kind, operand, tokens: maxTokens }, project, { actor, job }) => {
    if (kind !== 'files') {
      const source: Source = kind === 'diff' ? { kind } : { kind, of: operand };
      const { text, tokens, isCut } = await sources.read(source, { project, maxTokens, actor }, job);
      const shown = text.trimEnd() || (isCut ? leftOut(operand || kind) : '');
      return { text: shown, tokens, ...(isCut && { note: `cut to ${maxTokens} tokens` }) };
    }
    const { text, tokens, missed, refused, notes } = await contexts.build(
      {
        ...{ project, task: operand, paths: [], groups: [], exclude: [], diff: false, tree: false },
        ...{ budget: maxTokens, format: 'markdown', actor },
      },
      job,
    );
    const isNone = text === '' && missed.length === 0;
    const parts = [
      ...(isNone ? ['no file was found'] : []),
      ...(missed.length > 0 ? [`${counted(missed.length, 'file')} not shown whole`] : []),
      ...(refused.length > 0 ? [`${counted(refused.length, 'file')} not readable`] : []),
    ];
    const note = [...parts, ...notes].join('; ');
    return { text: text || (isNone ? '(files: none found)' : leftOut('files')), tokens, ...(note && { note }) };
  };
}

/** A reader must see that something should stand there. */
function leftOut(what: string): string {
  return `(${what}: left out, too long)`;
}
