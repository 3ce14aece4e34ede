import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProjectName } from '../../src/projects/records.ts';

/** What a writer is told: a file of SQLite or a URL of PostgreSQL, its own name, and the file for what it was promised. */
export interface WriterOptions {
  place: string;
  name: string;
  project: ProjectName;
  log: string;
  /** How many tickets it creates; without end where it is absent. */
  count?: number;
}

export interface Writer extends WriterOptions {
  process: ChildProcess;
}

/** What a writer knows: the numbers of its acknowledged tickets by their index, and what was refused. */
export interface Acknowledged {
  numbers: Map<number, number>;
  failures: string[];
}

export function readArguments(argv: readonly string[]): WriterOptions {
  return JSON.parse(argv[2] ?? '');
}

/** Different for each ticket, of a few bytes to 20 kB, and known to whoever reads it back. */
export function overviewOf(name: string, index: number): string {
  const word = createHash('sha256').update(`${name} ${index}`).digest('hex');
  return word.repeat(1 + (index % 16 === 0 ? 300 : index % 7));
}

/** @param wrapper a command that runs it */
export function startWriter(options: WriterOptions, wrapper: readonly string[] = []): Writer {
  const script = join(import.meta.dirname, 'writer.ts');
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, '--no-warnings', script];
  const child = spawn(command, [...args, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { ...options, process: child };
}

/** Until each has at least this many answers. */
export async function untilAnswered(writers: readonly Writer[], count: number): Promise<void> {
  while (writers.some((writer) => linesOf(writer).length < count)) {
    const dead = writers.find(({ process: { exitCode, signalCode } }) => exitCode !== null || signalCode !== null);
    if (dead) throw new Error(`the writer ${dead.name} has ended`);
    await delay(10);
  }
}

export async function killWriter({ process: child }: Writer): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

export function readAcknowledged(writer: Writer): Acknowledged {
  const lines = linesOf(writer);
  const answers = lines.map((line) => /^(\d+) (?:(\d+)|failed: (.*))$/.exec(line));
  if (answers.includes(null)) throw new Error(`the log of ${writer.name} cannot be read`);
  return {
    numbers: new Map(
      answers.filter((answer) => answer?.[2]).map((answer) => [Number(answer?.[1]), Number(answer?.[2])]),
    ),
    failures: answers.flatMap((answer) => answer?.[3] ?? []),
  };
}

/** Whole lines alone: the last one may have been cut by the kill. */
function linesOf({ log }: WriterOptions): string[] {
  try {
    return readFileSync(log, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

export interface StoredTicket {
  number: number;
  title: string;
  document: string;
}

/**
 * Compares what the store holds with what the writers were promised. Returns what is wrong, in words, and how many
 * tickets are there that nobody was promised.
 */
export function compare(stored: readonly StoredTicket[], writers: readonly Writer[]) {
  const byTitle = new Map<string, StoredTicket[]>();
  for (const ticket of stored) byTitle.set(ticket.title, [...(byTitle.get(ticket.title) ?? []), ticket]);
  const faults: string[] = [];
  let acknowledged = 0;
  let extra = 0;
  for (const writer of writers) {
    const { numbers } = readAcknowledged(writer);
    acknowledged += numbers.size;
    for (const [index, number] of numbers) {
      const title = `${writer.name} ${index}`;
      const [found, ...others] = byTitle.get(title) ?? [];
      if (!found) faults.push(`${title} is lost`);
      else if (others.length > 0) faults.push(`${title} is there ${others.length + 1} times`);
      else if (found.number !== number) faults.push(`${title} was T-${number} and is T-${found.number}`);
      else if (JSON.parse(found.document).overview !== overviewOf(writer.name, index)) faults.push(`${title} differs`);
    }
    const mine = stored.filter(({ title }) => title.startsWith(`${writer.name} `));
    const beyond = mine.filter(({ title }) => !numbers.has(Number(title.split(' ').at(-1))));
    extra += beyond.length;
    if (beyond.length > 1) faults.push(`${writer.name} has ${beyond.length} tickets that it was not promised`);
  }
  return { faults, acknowledged, extra };
}
