import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import type { Context } from '../context.ts';
import { messageOf, StartError, systemCode } from '../errors.ts';
import type { PackFlags } from '../pack-flags.ts';
import type { BuiltContext } from '../packing/contexts.ts';
import { drawTokenTree } from '../packing/token-tree.ts';
import type { JobProgress } from '../projects/worker-job.ts';
import { counted } from '../text/count.ts';
import { replaceFile } from './replace-file.ts';
import type { Say } from './say.ts';

/** A terminal, or what stands in for one. */
export interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** A large project that was never looked at before takes its time. */
const budgetMs = 120_000;
const treeLines = 30;
const missedLines = 8;

/** `octant pack [PATH ...]`: what a model should read for a task, within a budget, to stdout or a file. */
export async function pack(flags: PackFlags, context: Context, stdout: Writable, screen: Screen): Promise<void> {
  const say: Say = (line) => void screen.write(`${line}\n`);
  const project = await context.projects.find(undefined);
  const { group: groups, prompt: prompts, output, ...question } = flags;
  const bar = createBar(screen);
  const call = { signal: new AbortController().signal, budgetMs, onProgress: bar.show };
  const asked = { ...question, project, groups, prompts, showsTask: true, waits: true, actor: 'human' };
  const built = await context.contexts.build(asked, call).finally(bar.end);
  if (built.text === '') throw new StartError(emptyBecause(built, flags));
  await write(`${built.text}\n`, output, stdout);
  report(built, flags, say);
}

function emptyBecause({ notes, refused, missed }: BuiltContext, { budget }: PackFlags): string {
  if (missed.length > 0) return `Nothing fits into ${counted(budget, 'token')}. Give more with --budget.`;
  return `There is nothing to pack: ${[...notes, ...refused.map(({ message }) => message)].join('; ') || 'no file'}.`;
}

/** What is no file, such as a FIFO or a device, is written into. */
async function write(text: string, output: string | undefined, stdout: Writable): Promise<void> {
  if (output === undefined) return writeOut(text, stdout);
  const path = resolve(output);
  const isOther = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  try {
    if (isOther) await writeFile(path, text);
    else await replaceFile(path, text);
  } catch (error) {
    throw new StartError(`No file can be written at ${path}.`, { cause: error });
  }
}

/** Until the text has really gone: a full disk behind stdout fails after the write has been taken. */
async function writeOut(text: string, stdout: Writable): Promise<void> {
  const failed = new Promise<never>((_, reject) => stdout.once('error', reject));
  const written = new Promise<void>((done, fail) => stdout.write(text, (error) => (error ? fail(error) : done())));
  await Promise.race([written, failed]).catch((error) => {
    if (systemCode(error) === 'EPIPE') return; // the reader has what it wanted
    throw new StartError(`The text cannot be written (${systemCode(error) ?? messageOf(error)}).`, { cause: error });
  });
}

function report({ items, missed, tokens, tokenizer, notes, refused, more }: BuiltContext, flags: PackFlags, say: Say) {
  const place = flags.output === undefined ? '' : ` in ${flags.output}`;
  say(`${tokens.toLocaleString('en')} of ${flags.budget.toLocaleString('en')} tokens, by ${tokenizer.name}${place}:`);
  const files = items.map(({ kind, name, tokens }) => ({
    path: kind === 'file' ? name : `(${`${kind} ${name}`.trim()})`,
    tokens,
  }));
  say(drawTokenTree(files, treeLines));
  if (missed.length > 0) say('Missed most:');
  for (const { kind, name, level, of } of missed.slice(0, missedLines)) {
    say(`  ${kind === 'file' ? name : `${kind} ${name}`}: ${level ?? 'nothing'} of ${of.toLocaleString('en')} tokens`);
  }
  if (missed.length > missedLines) say(`  and ${missed.length - missedLines} more`);
  for (const { name, message } of refused) say(`Not read: ${name}: ${message}`);
  for (const note of notes) say(`Note: ${note}`);
  if (more > 0) say(`Note: ${counted(more, 'more file')} were not looked at`);
}

const barWidth = 24;
const lineWidth = 79;

/** A line that is drawn over and over; none where nobody watches. */
function createBar(screen: Screen) {
  let isDrawn = false;
  return {
    show({ done, total, message }: JobProgress) {
      if (screen.isTTY !== true) return;
      const filled = Math.round(barWidth * Math.min(1, done / (total ?? 4 * done)));
      const bar = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] `;
      screen.write(`\r${(bar + message).slice(0, lineWidth).padEnd(lineWidth)}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) screen.write(`\r${' '.repeat(lineWidth)}\r`);
    },
  };
}
