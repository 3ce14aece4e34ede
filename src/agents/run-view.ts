import { dump } from 'js-yaml';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import type { CallNote } from './call-tools.ts';
import type { Step } from './loop.ts';
import type { Run } from './run.ts';
import { shrink } from './shrink.ts';

/** All that there is to show of a run: what clients get as data, and what the text is written from. */
export interface RunView {
  project: string;
  run_id?: string;
  agent: string;
  status: Run['status'];
  mode: 'model' | 'offline';
  model?: string;
  result?: Record<string, unknown>;
  partial?: string;
  note?: string;
  steps: string[];
  tokens?: number;
  cost?: number;
}

const maxStep = 240;
const mostSteps = 12;
/** What all but the result takes at most. */
const overhead = 4500;

export function viewRun({ id, projectId, status, document }: Run, maxCharacters: number): RunView {
  const { agent, mode = 'model', model, result, partial, notes, steps, spent } = document;
  const shown = result && shrink(result, maxCharacters - overhead);
  const more = shown?.isCut ? [`The result is shortened; get_run with max_characters gives more of it.`] : [];
  return {
    ...{ project: projectId, run_id: id, agent, status, mode },
    ...(model !== undefined && { model }),
    ...(shown && { result: shown.value }),
    ...(partial !== undefined && { partial: cut(partial, 600) }),
    ...noteOf([...notes, ...more]),
    steps: describeSteps(steps),
    ...(spent.tokens > 0 && { tokens: spent.tokens }),
    ...(spent.cost > 0 && { cost: spent.cost }),
  };
}

/** Why there is no answer of a model, or what to know of the one there is. */
export function noteOf(notes: readonly string[]): { note?: string } {
  return notes.length > 0 ? { note: notes.map((each) => cut(cleanLine(each), 400)).join(' ') } : {};
}

/** The last ones, a line each. */
function describeSteps(steps: readonly Step[]): string[] {
  const lines = steps.map((step, index) => cut(`${index + 1}. ${describeStep(step)}`, maxStep));
  return lines.length <= mostSteps ? lines : [`${lines.length - mostSteps} earlier ones`, ...lines.slice(-mostSteps)];
}

export function describeStep({ calls, text }: Pick<Step, 'calls' | 'text'>): string {
  return cleanLine(calls.length > 0 ? calls.map(describeCall).join('; ') : `answered: ${text}`);
}

function describeCall({ tool, arguments: args, result }: CallNote): string {
  return `${tool} ${cut(cleanLine(args), 100)}: ${result}`;
}

export function describeRun(view: RunView): string {
  const { run_id: id, agent, status, mode, model, result, partial, note, steps, tokens, cost } = view;
  const facts = [
    mode === 'offline' ? 'offline' : '',
    model ? `by ${model}` : '',
    tokens ? `${tokens} tokens` : '',
    cost ? `$${cost.toFixed(4)}` : '',
  ].filter(Boolean);
  return [
    `${agent}${id ? ` (${id})` : ''}: ${status}${facts.length > 0 ? `, ${facts.join(', ')}` : ''}`,
    ...(result ? [toYaml(result)] : []),
    ...(partial ? [`What the model wrote last, no whole answer: ${partial}`] : []),
    ...(note ? [note] : []),
    ...(steps.length > 0 ? ['Steps:', ...steps] : []),
  ].join('\n');
}

export function toYaml(result: Record<string, unknown>): string {
  return dump(result, { lineWidth: -1, skipInvalid: true, noRefs: true }).trimEnd();
}
