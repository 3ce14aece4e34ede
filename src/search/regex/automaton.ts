import { allRanges, type CharSet, hasCode, pairsOf } from './char-set.ts';
import type { Assertion, PatternTree } from './pattern-tree.ts';
import { wordSet } from './unicode-sets.ts';

export interface Found {
  /** In UTF-16 units. */
  index: number;
  length: number;
}

/** A pattern that is run in time linear in the text, whatever the pattern: some 10 million steps a second. */
export interface Automaton {
  /** The first match from a place on, the one that backtracking would find. */
  find(text: string, from: number): Found | undefined;
}

type Step =
  | { kind: 'set'; set: number }
  | { kind: 'fork'; first: number; second: number }
  | { kind: 'assertion'; assertion: Assertion }
  | { kind: 'match' };

/**
 * All ways through the pattern at once, the preferred first: Pike's machine, as in Russ Cox, "Regular Expression
 * Matching: the Virtual Machine Approach" (https://swtch.com/~rsc/regexp/regexp2.html).
 */
export function createAutomaton(tree: PatternTree): Automaton {
  const { steps, sets } = compile(tree);
  const alphabet = createAlphabet(sets);
  const first = firstClasses(steps, alphabet);
  const stack = new Int32Array(2 * steps.length + 2);
  let now = createThreads(steps.length);
  let next = createThreads(steps.length);
  return { find };

  function find(text: string, from: number): Found | undefined {
    now.clear();
    let found: Found | undefined;
    for (let at = from; ; ) {
      if (now.count() === 0) {
        if (found) return found;
        now.clear(); // what was visited was so at another place
        if (first) while (at < text.length && first[alphabet.classAt(text, at)] === 0) at += widthAt(text, at);
      }
      if (!found) follow(now, 0, at, text, at);
      const isEnd = at >= text.length;
      const symbol = isEnd ? -1 : alphabet.classAt(text, at);
      const behind = isEnd ? at : at + widthAt(text, at);
      next.clear();
      for (let place = 0; place < now.count(); place++) {
        const pc = now.step(place);
        const step = steps[pc];
        if (step?.kind === 'match') {
          const start = now.start(place);
          found = { index: start, length: at - start };
          break; // what comes later is preferred less
        }
        if (step?.kind === 'set' && symbol >= 0 && alphabet.has(step.set, symbol)) {
          follow(next, pc + 1, now.start(place), text, behind);
        }
      }
      [now, next] = [next, now];
      if (isEnd) return found;
      at = behind;
    }
  }

  /** Adds a thread, and all that it leads to without a character. */
  function follow(threads: Threads, from: number, start: number, text: string, at: number) {
    let depth = 0;
    stack[depth++] = from;
    while (depth > 0) {
      const pc = stack[--depth] ?? 0;
      if (!threads.visit(pc)) continue;
      const step = steps[pc];
      if (step?.kind === 'fork') {
        stack[depth++] = step.second;
        stack[depth++] = step.first;
      } else if (step?.kind === 'assertion') {
        if (holds(step.assertion, text, at)) stack[depth++] = pc + 1;
      } else threads.add(pc, start);
    }
  }
}

/** Threads in order of preference, each step at most once. */
interface Threads {
  clear(): void;
  count(): number;
  visit(pc: number): boolean;
  add(pc: number, start: number): void;
  step(place: number): number;
  start(place: number): number;
}

function createThreads(size: number): Threads {
  const visits = new Uint32Array(size);
  const pcs = new Int32Array(size);
  const starts = new Int32Array(size);
  let count = 0;
  let visit = 0;
  return {
    clear() {
      count = 0;
      visit++;
    },
    count: () => count,
    visit(pc) {
      if (visits[pc] === visit) return false;
      visits[pc] = visit;
      return true;
    },
    add(pc, start) {
      pcs[count] = pc;
      starts[count] = start;
      count++;
    },
    step: (place) => pcs[place] ?? 0,
    start: (place) => starts[place] ?? 0,
  };
}

function compile(tree: PatternTree) {
  const steps: Step[] = [];
  const numbers = new Map<CharSet, number>();
  write(tree);
  steps.push({ kind: 'match' });
  return { steps, sets: [...numbers.keys()] };

  function write(part: PatternTree): void {
    switch (part.kind) {
      case 'set': {
        const set = numbers.get(part.set) ?? numbers.size;
        numbers.set(part.set, set);
        steps.push({ kind: 'set', set });
        return;
      }
      case 'sequence':
        for (const each of part.parts) write(each);
        return;
      case 'choice':
        writeChoice(part.options);
        return;
      case 'repeat':
        writeRepeat(part);
        return;
      case 'assertion':
        steps.push({ kind: 'assertion', assertion: part.assertion });
    }
  }

  function writeChoice([option, ...others]: readonly PatternTree[]) {
    if (!option) return;
    if (others.length === 0) return write(option);
    const fork = openFork();
    write(option);
    const end = openFork();
    closeFork(fork, steps.length, false);
    writeChoice(others);
    jump(end);
  }

  function writeRepeat({ part, min, max, isLazy }: PatternTree & { kind: 'repeat' }) {
    for (let count = 0; count < min; count++) write(part);
    if (max === Number.POSITIVE_INFINITY) {
      const fork = openFork();
      write(part);
      const back = openFork();
      steps[back] = { kind: 'fork', first: fork, second: fork };
      closeFork(fork, steps.length, isLazy);
      return;
    }
    const forks: number[] = [];
    for (let count = min; count < max; count++) {
      forks.push(openFork());
      write(part);
    }
    for (const fork of forks) closeFork(fork, steps.length, isLazy);
  }

  function openFork(): number {
    return steps.push({ kind: 'fork', first: 0, second: 0 }) - 1;
  }

  /** Goes on behind the fork, or elsewhere. */
  function closeFork(fork: number, elsewhere: number, isLazy: boolean) {
    const [first, second] = isLazy ? [elsewhere, fork + 1] : [fork + 1, elsewhere];
    steps[fork] = { kind: 'fork', first, second };
  }

  function jump(fork: number) {
    steps[fork] = { kind: 'fork', first: steps.length, second: steps.length };
  }
}

/** Characters that no set of the pattern tells apart are one class. */
function createAlphabet(sets: readonly CharSet[]) {
  const ranges = sets.map(allRanges);
  const starts = new Set([0]);
  for (const each of ranges) for (const [from, to] of pairsOf(each)) starts.add(from).add(to + 1);
  const bounds = Uint32Array.from(starts).sort();
  const members = sets.map((set) => Uint8Array.from(bounds, (code) => (hasCode(set, code) ? 1 : 0)));
  const low = Uint16Array.from({ length: 0x800 }, (_, code) => search(code));
  return {
    size: bounds.length,
    has: (set: number, symbol: number) => members[set]?.[symbol] === 1,
    classAt(text: string, at: number): number {
      const unit = text.charCodeAt(at);
      return low[unit] ?? search(text.codePointAt(at) ?? unit);
    },
  };

  function search(code: number): number {
    let from = 0;
    let to = bounds.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((bounds[middle] ?? 0) <= code) from = middle;
      else to = middle;
    }
    return from;
  }
}

/** The classes that a match can begin with; undefined where it may be empty. */
function firstClasses(steps: readonly Step[], alphabet: ReturnType<typeof createAlphabet>): Uint8Array | undefined {
  const first = new Uint8Array(alphabet.size);
  const reached = new Set([0]);
  for (const pc of reached) {
    const step = steps[pc];
    if (step?.kind === 'match') return undefined;
    if (step?.kind === 'fork') reached.add(step.first).add(step.second);
    else if (step?.kind === 'assertion') reached.add(pc + 1);
    else if (step)
      for (let symbol = 0; symbol < first.length; symbol++) if (alphabet.has(step.set, symbol)) first[symbol] = 1;
  }
  return first;
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'lineStart':
      return at === 0 || text[at - 1] === '\n';
    case 'lineEnd':
      return at === text.length || text[at] === '\n' || text.startsWith('\r\n', at);
    case 'textStart':
      return at === 0;
    case 'textEnd':
      return at === text.length;
    case 'wordBoundary':
      return isWordBefore(text, at) !== isWordAfter(text, at);
    case 'noWordBoundary':
      return isWordBefore(text, at) === isWordAfter(text, at);
    case 'wordStart':
      return !isWordBefore(text, at) && isWordAfter(text, at);
    case 'wordEnd':
      return isWordBefore(text, at) && !isWordAfter(text, at);
    case 'noWordBefore':
      return !isWordBefore(text, at);
    case 'noWordAfter':
      return !isWordAfter(text, at);
  }
}

function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const unit = text.charCodeAt(at - 1);
  const isLow = unit >= 0xdc00 && unit < 0xe000 && at > 1;
  return hasCode(wordSet, isLow ? (text.codePointAt(at - 2) ?? unit) : unit);
}

function isWordAfter(text: string, at: number): boolean {
  return at < text.length && hasCode(wordSet, text.codePointAt(at) ?? 0);
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
