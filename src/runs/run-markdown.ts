import type { Receipt } from '../models/receipts.ts';
import { visibleLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { nameOfRun, type Run } from './run.ts';
import { describeStep, toYaml } from './run-view.ts';

/** A run for people to read: what was asked, what was done, what came of it, and what was sent to which model. */
export function runToMarkdown(
  { id, projectId, status, createdAt, document }: Run,
  receipts: readonly Receipt[],
): string {
  const { by, asked, mode, model, task, paths, progress, steps, result, text, partial, notes, spent } = document;
  const { ended_at: endedAt } = document;
  const facts = [
    ['project', projectId],
    ['status', status + (mode === 'offline' ? ', answered without a model' : '')],
    ['model', `${model ?? 'none yet'} (asked for: ${asked})`],
    ...(status === 'running' && progress !== undefined ? [['now', visibleLine(progress)]] : []),
    ['asked by', by],
    ['began', timeOf(createdAt)],
    ...(endedAt === undefined ? [] : [['ended', timeOf(endedAt)]]),
    ...(spent.tokens > 0
      ? [['spent', `${spent.tokens} tokens${spent.cost > 0 ? `, $${spent.cost.toFixed(4)}` : ''}`]]
      : []),
    ...(paths.length > 0 ? [['files', paths.join(', ')]] : []),
  ];
  return [
    `# ${nameOfRun(document)}, ${id}`,
    facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
    section('Task', quoted(task)),
    section('Notes', notes.map((note) => `- ${note}`).join('\n')),
    section(
      'Steps',
      steps.map((step, index) => `${index + 1}. ${visibleLine(describeStep(step))} (${step.ms} ms)`).join('\n'),
    ),
    section('Result', text ? quoted(text) : result ? fenced('yaml', toYaml(result)) : ''),
    section('What the model wrote last', partial ? quoted(partial) : ''),
    section('Receipts', receipts.length > 0 ? table(receipts) : ''),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function section(name: string, content: string): string {
  return content && `## ${name}\n\n${content}`;
}

/** So that no heading of somebody's text is one of ours. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const heads = ['at', 'model', 'outcome', 'tokens in', 'out', 'cost', 'ms', 'retries', 'redacted', 'files'];

function table(receipts: readonly Receipt[]): string {
  const rows = receipts.map((receipt) => {
    const { at, model, asked, outcome, failure, inputTokens, outputTokens, isEstimate, cost, ms, retries } = receipt;
    const about = isEstimate ? 'about ' : '';
    return [
      ...[timeOf(at), model ?? asked, failure === undefined ? outcome : `${outcome}: ${failure}`],
      ...[
        `${about}${inputTokens}`,
        `${about}${outputTokens}`,
        cost === undefined ? 'not known' : `$${cost.toFixed(4)}`,
      ],
      ...[String(ms), String(retries), countsOf(receipt.redactions), filesOf(receipt.files)],
    ];
  });
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(inCell).join(' | ')} |`).join('\n');
}

function inCell(text: string): string {
  return visibleLine(text.replace(/\n/g, ' ')).replaceAll('|', '\\|');
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

const maxFiles = 600;

function filesOf(files: Receipt['files']): string {
  const named = files.map(({ path, ranges = [] }) => {
    const lines = ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
    return lines.length > 0 ? `${path}:${lines.join(',')}` : path;
  });
  return cut(named.join(' '), maxFiles);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
