import { cut } from '../text/cut.ts';
import type { MadePlan } from './make-plan.ts';
import type { PlanDocument, Told } from './plan.ts';

const maxOthers = 6;

/** What was gathered and is not in the plan, so that the caller can fill in the rest. */
export function toldOf(document: PlanDocument, { material, findings, note, shares, mode }: MadePlan): Told {
  const planned = new Set(document.steps.flatMap(({ files }) => files.map(({ path }) => path)));
  const others = material.files.filter(({ path }) => !planned.has(path)).slice(0, mode === 'offline' ? maxOthers : 0);
  const notes = [note ?? '', ...material.notes.map((each) => `Not complete: ${each}.`)].filter(Boolean).join(' ');
  return {
    ...(notes && { note: notes }),
    findings: [...findings],
    facts: {
      tokens: shares,
      files: others.map(({ path, purpose, why }) => `${path}: ${cut(purpose || (why[0] ?? ''), 120)}`),
      conventions: material.documents.map(({ path }) => path),
      commands: material.commands.map(({ run }) => run),
      tickets: material.tickets.map(({ id, title, status }) => `${id} (${status}): ${cut(title, 100)}`),
    },
  };
}

export function describeFacts({ tokens, files, conventions, commands, tickets }: Told['facts']): string {
  const spent = Object.entries(tokens).map(([part, count]) => `${part} ${count}`);
  const line = (title: string, items: readonly string[]) => (items.length > 0 ? `${title}: ${items.join(', ')}` : '');
  return [
    files.length > 0 ? ['It may also concern:', ...files.map((file) => `  ${file}`)].join('\n') : '',
    line('Read for the rules of the project', conventions),
    line('Checked by', commands),
    line('Open tickets like it', tickets),
    line('Gathered, in tokens', spent),
  ]
    .filter(Boolean)
    .join('\n');
}
