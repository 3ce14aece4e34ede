import { dump } from 'js-yaml';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import type { Run, RunCall, RunStep } from './run.ts';
import { shrink } from './shrink.ts';

/** All that there is to show of a run: what clients get as data, and what the text is written from. */
export interface RunView {
  project: string;
  run_id?: string;
  tool?: string;
  agent?: string;
  status: Run['status'];
  mode: 'model' | 'offline';
  model?: string;
  progress?: string;
  result?: Record<string, unknown>;
  partial?: string;
  note?: string;
  steps?: string[];
  tokens?: number;
  cost?: number;
}

const maxStep = 240;
const mostSteps = 12;
/** What all but the result takes at most: with steps and what a model wrote, and without. */
const overhead = { agent: 4500, tool: 1200 };

export function viewRun({ id, projectId, status, document }: Run, maxCharacters: number): RunView {
  const { tool, agent, mode = 'model', model, progress, result, text, partial, notes, steps, spent } = document;
  const room = maxCharacters - (agent === undefined ? overhead.tool : overhead.agent);
  const shown = result && shrink(result, room);
  const more =
    shown?.isCut || (text ?? '').length > room
      ? [`The result is shortened; get_run with max_characters gives more of it.`]
      : [];
  return {
    ...{ project: projectId, run_id: id, ...(agent === undefined ? { tool } : { agent }), status, mode },
    ...(model !== undefined && { model }),
    ...(status === 'running' && progress !== undefined && { progress }),
    ...(shown && { result: shown.value }),
    ...(partial !== undefined && { partial: cut(partial, 600) }),
    ...noteOf([...notes, ...more]),
    ...(agent !== undefined && { steps: describeSteps(steps) }),
    ...(spent.tokens > 0 && { tokens: spent.tokens }),
    ...(spent.cost > 0 && { cost: spent.cost }),
  };
}

/** Both faces of an answer about a run. */
export function showRun(run: Run, maxCharacters: number) {
  const view = viewRun(run, maxCharacters);
  const { text } = run.document;
  return { data: { ...view }, text: describeRun(view, text && cut(text, maxCharacters - overhead.tool)) };
}

/** Why there is no answer of a model, or what to know of the one there is. */
export function noteOf(notes: readonly string[]): { note?: string } {
  return notes.length > 0 ? { note: notes.map((each) => cut(cleanLine(each), 400)).join(' ') } : {};
}

/** The last ones, a line each. */
function describeSteps(steps: readonly RunStep[]): string[] {
  const lines = steps.map((step, index) => cut(`${index + 1}. ${describeStep(step)}`, maxStep));
  return lines.length <= mostSteps ? lines : [`${lines.length - mostSteps} earlier ones`, ...lines.slice(-mostSteps)];
}

export function describeStep({ calls, text }: Pick<RunStep, 'calls' | 'text'>): string {
  return cleanLine(calls.length > 0 ? calls.map(describeCall).join('; ') : `answered: ${text}`);
}

function describeCall({ tool, arguments: args, result }: RunCall): string {
  return `${tool} ${cut(cleanLine(args), 100)}: ${result}`;
}

/** @param words of the result, where it has its own */
export function describeRun(view: RunView, words?: string): string {
  const { run_id: id, tool, agent = tool, status, mode, model, progress, result, ...rest } = view;
  const { partial, note, steps = [], tokens, cost } = rest;
  const facts = [
    mode === 'offline' ? 'offline' : '',
    model ? `by ${model}` : '',
    tokens ? `${tokens} tokens` : '',
    cost ? `$${cost.toFixed(4)}` : '',
  ].filter(Boolean);
  return [
    `${agent}${id ? ` (${id})` : ''}: ${status}${facts.length > 0 ? `, ${facts.join(', ')}` : ''}`,
    ...(progress ? [progress] : []),
    ...(words ? [words] : result ? [toYaml(result)] : []),
    ...(partial ? [`What the model wrote last, no whole answer: ${partial}`] : []),
    ...(note ? [note] : []),
    ...(steps.length > 0 ? ['Steps:', ...steps] : []),
  ].join('\n');
}

export function toYaml(result: Record<string, unknown>): string {
  return dump(result, { lineWidth: -1, skipInvalid: true, noRefs: true }).trimEnd();
}
