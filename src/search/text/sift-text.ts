import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { compilePattern, type PatternQuery } from '../regex/compile-pattern.ts';
import { type FindTextInput, type FindTextOutput, walkFiles } from './find-text.ts';
import type { FilesEnd, FilesToSearch, FileToSearch, PassedFiles } from './match-files.ts';
import { pageByPath } from './page-by-path.ts';
import { createSieve, type Sift, verdicts } from './sieve.ts';
import {
  openSiftBoard,
  pathsPerSlice,
  roomFor,
  type SiftBoard,
  type SiftBoardHandle,
  sliceBytes,
} from './sift-board.ts';

export interface SiftTextInput extends FindTextInput {
  board: SiftBoardHandle;
}

export interface HelpSiftInput extends PatternQuery {
  root: Root;
  board: SiftBoardHandle;
}

/**
 * Slices that are listed ahead of those being sifted, so that helpers find work, also while this thread is in a slice of large
 * files. The further a search gets the more, since most that find a page early have no use for them.
 */
const [fewestAhead, mostAhead] = [32, 192];
/** A helper that takes longer for a slice may have been ended. */
const patienceMs = 2000;

/**
 * Finds what `findText` finds, with its code, and faster: files are read twice where they match, but those without a match
 * are sorted out by all threads at once while the walk goes on.
 */
export function createTextSifter() {
  const sieve = createSieve();

  return {
    siftText(input: SiftTextInput, control: JobControl): FindTextOutput {
      const pattern = compilePattern(input);
      const sift = sieve.open(input.root, input, pattern);
      const files = walkFiles(input, control, input.after);
      return pageByPath(input, control, {
        pattern,
        files: listSifted(openSiftBoard(input.board), sift, files, control),
      });
    },

    /** Sifts for a search in another thread, until that is over. */
    helpSift(input: HelpSiftInput, { shouldStop }: JobControl): void {
      const board = openSiftBoard(input.board);
      const sift = sieve.open(input.root, input);
      while (!board.hasEnded() && !shouldStop()) {
        const slice = board.take();
        if (slice === undefined) board.waitForMore();
        else board.finish(slice, siftAll(board.paths(slice), sift, shouldStop));
      }
    },
  };
}

/** Out of time, nothing is left out. */
function siftAll(paths: readonly string[], sift: Sift, shouldStop: () => boolean): Uint8Array {
  return Uint8Array.from(paths, (path) => (shouldStop() ? verdicts.look : sift(path, shouldStop)));
}

/** The owner's side: lists files, sifts as others do, and hands on in path order what has to be looked into. */
function* listSifted(board: SiftBoard, sift: Sift, files: FilesToSearch, { shouldStop }: JobControl): FilesToSearch {
  const slices = sliceUp(files);
  const listed = new Map<number, readonly string[]>();
  let end: FilesEnd | undefined;
  let passed: PassedFiles = { searched: 0, binary: 0 };
  let waitingSince: number | undefined;
  try {
    for (let oldest = 0; ; ) {
      const paths = listed.get(oldest);
      const known = paths && board.verdicts(oldest);
      if (paths && (known || shouldStop())) {
        yield* handOn(paths, known);
        listed.delete(oldest++);
        waitingSince = undefined;
      } else if (!paths && end) {
        return withPassed(end);
      } else if (!workOnOne(oldest)) {
        waitingSince ??= performance.now();
        board.waitFor(oldest);
        if (performance.now() - waitingSince > patienceMs) return yield* doWithout();
      }
    }
  } finally {
    board.end();
    files.return({});
  }

  /** Keeps the list ahead of those who sift, and else is one of them. */
  function workOnOne(oldest: number): boolean {
    const ahead = Math.min(mostAhead, fewestAhead + oldest);
    if (!end && board.added() - board.taken() < ahead && board.hasRoom(oldest)) {
      const step = slices.next();
      if (step.done) end = step.value;
      else {
        listed.set(board.added(), step.value);
        board.add(step.value);
      }
      return true;
    }
    const slice = board.take();
    if (slice === undefined) return false;
    board.finish(slice, siftAll(listed.get(slice) ?? [], sift, shouldStop));
    return true;
  }

  function* handOn(paths: readonly string[], known: Uint8Array | undefined): Generator<FileToSearch, void> {
    for (const [place, path] of paths.entries()) {
      const verdict = known?.[place] ?? verdicts.look;
      if (verdict === verdicts.passed) passed.searched++;
      else if (verdict === verdicts.binary) passed.binary++;
      else if (verdict === verdicts.look) yield { path, passed: passedNow() };
    }
    const last = paths.at(-1);
    // tells how far the search is
    if (last !== undefined && passed.searched > 0) yield { path: last, passed: passedNow(), hits: [] };
  }

  function passedNow(): PassedFiles {
    const all = passed;
    passed = { searched: 0, binary: 0 };
    return all;
  }

  /** The place of a slice that never came back cannot be used again. */
  function* doWithout(): FilesToSearch {
    for (const paths of listed.values()) yield* handOn(paths, undefined);
    for (let step = slices.next(); ; step = slices.next()) {
      if (step.done) return withPassed(end ?? step.value);
      yield* handOn(step.value, undefined);
    }
  }

  function withPassed(last: FilesEnd): FilesEnd {
    return { ...last, passed: { ...last.passed, ...passed } };
  }
}

/** Cuts a list into slices that fit on the board. */
function* sliceUp(files: FilesToSearch): Generator<string[], FilesEnd> {
  let paths: string[] = [];
  let bytes = 0;
  for (let step = files.next(); ; step = files.next()) {
    const room = step.done ? 0 : roomFor(step.value.path);
    if (paths.length === pathsPerSlice || bytes + room > sliceBytes || (step.done && paths.length > 0)) {
      yield paths;
      paths = [];
      bytes = 0;
    }
    if (step.done) return step.value;
    paths.push(step.value.path);
    bytes += room;
  }
}
