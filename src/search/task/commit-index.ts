import type { PastCommit } from '../../projects/git-history.ts';
import { bestPlaces } from './best-places.ts';
import { matchWords } from './bm25f.ts';
import { createDocumentReader } from './task-document.ts';
import type { Term } from './task-question.ts';
import { commitWeights } from './task-weights.ts';
import type { WordSource } from './word-hits.ts';

/** What past commits tell about a task: which files such work changed, and which files change together. */
export interface CommitIndex {
  /** In any order; known ones are passed over. */
  add(commits: Iterable<PastCommit>): void;
  ids(): ReadonlySet<string>;
  /** Follows files that have moved since the first `count` commits were added. */
  move(moves: ReadonlyMap<string, string>, count: number): void;
  /** How rare a word is in messages, 1 where none has it: what many have, as `fix` and `support`, tells no place. */
  rarity(hash: number): number;
  /** Files of the commits whose messages resemble the task, 1 for the one that they speak of most, and the best subject. */
  resembling(terms: readonly Term[]): Map<string, { score: number; subject: string }>;
  /** Files that changed together with these, by how often in proportion, and with which of them most. */
  together(seeds: ReadonlyMap<string, number>): Map<string, { score: number; by: string }>;
  /** How often and how lately a file changed; 1 for the most active. */
  activity(): ReadonlyMap<string, number>;
}

interface KnownCommit extends WordSource {
  subject: string;
  time: number;
  files: readonly string[];
}

export function createCommitIndex(): CommitIndex {
  const commits: KnownCommit[] = [];
  const ids = new Set<string>();
  const byFile = new Map<string, KnownCommit[]>();
  const having = new Map<number, number>();
  const reader = createDocumentReader();
  let latest = 0;
  let active: ReadonlyMap<string, number> | undefined;
  let fades: Float64Array | undefined;

  return {
    add(added) {
      for (const { id, subject, message, time, files } of added) {
        if (ids.has(id)) continue;
        ids.add(id);
        const { words, counts, lengths } = reader.read('', `${subject}\n${withoutTrailers(message)}`, undefined);
        const commit = { words, counts, lengths, subject, time, files };
        commits.push(commit);
        for (const file of files) put(byFile, file, commit);
        for (const word of words) having.set(word, (having.get(word) ?? 0) + 1);
        latest = Math.max(latest, time);
        active = undefined;
        fades = undefined;
      }
    },
    ids: () => ids,
    rarity: (hash) => Math.log(1 + (commits.length + 1) / ((having.get(hash) ?? 0) + 1)) / Math.log(2 + commits.length),
    move(moves, count) {
      if (moves.size === 0) return;
      for (const commit of commits.slice(0, count)) {
        if (commit.files.some((file) => moves.has(file)))
          commit.files = commit.files.map((file) => moves.get(file) ?? file);
      }
      byFile.clear();
      for (const commit of commits) for (const file of commit.files) put(byFile, file, commit);
      active = undefined;
    },

    resembling(terms) {
      const { scores: aged } = matchWords(commits, terms, commitWeights.words);
      fades ??= Float64Array.from(commits, ({ time }) => faded(time, commitWeights.likenessHalfLife));
      for (let place = 0; place < aged.length; place++) aged[place] = (aged[place] ?? 0) * (fades[place] ?? 0);
      const best = bestPlaces(aged, commitWeights.best);
      const top = aged[best[0] ?? -1] ?? 1;
      const found = new Map<string, { score: number; subject: string }>();
      for (const place of best) {
        const { files = [], subject = '' } = commits[place] ?? {};
        const share = ((aged[place] ?? 0) / top) ** commitWeights.sharpness / Math.sqrt(files.length);
        for (const file of files) {
          const known = found.get(file);
          if (known) known.score += share;
          else found.set(file, { score: share, subject });
        }
      }
      const most = [...found.values()].reduce((most, { score }) => Math.max(most, score), 0);
      for (const each of found.values()) each.score = (each.score / most) ** commitWeights.flatness;
      return found;
    },

    together(seeds) {
      const found = new Map<string, { score: number; by: string }>();
      for (const [seed, weight] of seeds) {
        const own = byFile.get(seed) ?? [];
        for (const { files } of own) {
          const share = weight / (own.length + commitWeights.doubt) / Math.sqrt(files.length);
          for (const file of files) {
            const known = found.get(file);
            if (known) known.score += share;
            else if (file !== seed) found.set(file, { score: share, by: seed });
          }
        }
      }
      return found;
    },

    activity() {
      active ??= measureActivity();
      return active;
    },
  };

  function faded(time: number, halfLife: number): number {
    return 2 ** ((time - latest) / halfLife);
  }

  /** On a scale of logarithms, since a few files change all the time. */
  function measureActivity(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const [file, own] of byFile) {
      sums.set(file, Math.log1p(own.reduce((sum, { time }) => sum + faded(time, commitWeights.activityHalfLife), 0)));
    }
    const most = [...sums.values()].reduce((a, b) => Math.max(a, b), 0) || 1;
    return new Map([...sums].map(([file, sum]) => [file, sum / most]));
  }
}

function put(map: Map<string, KnownCommit[]>, file: string, commit: KnownCommit): void {
  const known = map.get(file);
  if (known) known.push(commit);
  else map.set(file, [commit]);
}

/** `Co-authored-by: ...` and the like say who, not what. */
function withoutTrailers(message: string): string {
  return message.replace(/^[A-Za-z-]+-by: .*$/gm, '').trim();
}
