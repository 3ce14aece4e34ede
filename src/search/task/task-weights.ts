import type { FileRole } from '../files/file-role.ts';
import type { Field } from './task-document.ts';

/**
 * The numbers that decide in which order files are suggested. `npm run eval` measures them on real commits; a change
 * counts if it helps on projects that it was not made for: these were chosen by the mean of 25 in 13 languages,
 * and each change of them was kept that helped on most of these; those of past commits by the mean of 11 in 9 languages.
 */
export interface TaskWeights {
  /** What a word is worth by where it stands, as BM25F mixes fields. */
  fields: Readonly<Record<Field, number>>;
  /** How much a longer field dilutes its words, 0 to 1. */
  lengthPenalty: Readonly<Record<Field, number>>;
  /** How soon more of the same word adds nothing. */
  saturation: number;
  /** What a word in the path or a definition is worth besides, however long they are and however often it is there. */
  inName: Readonly<Record<'path' | 'definitions', number>>;
  /** What it adds, as a factor, that many words stand within one passage of some ten lines. */
  passage: number;
  /** What two words that stand together count: `module runner` in the task, `moduleRunner` in a file. */
  phrase: number;
  /** How many times more where the task writes them as one name: `moduleRunner`, `module_runner`. */
  codePhrase: number;
  /** What words after the first sentence count: they explain more than they name. */
  laterWords: number;
  /** How much less words count that many commit messages have: 0 for no less, 1 for in proportion to their rarity. */
  commonWords: number;
  /** Files of commits whose messages resemble the task, next to 1 for the best text. */
  pastCommits: number;
  /** Files in the folders of those, since what is new to a file is seldom new to its folder. */
  pastFolders: number;
  /** Files whose tests resemble the task. */
  tests: number;
  /** A path or file name that stands in the task. */
  namedPath: number;
  /** Files close to those of `near`. */
  near: number;
  /** Files that changed together with the best ones. */
  coChange: number;
  /** Files that the best ones import or that import them. */
  neighbours: number;
  /** Files that change often and lately, as a factor. */
  activity: number;
  /** Files that much of the project imports, as a factor. */
  centrality: number;
  /** What a file's role leaves of its score, since a change mostly starts in the sources. */
  roles: Readonly<Record<FileRole, number>>;
  /** The same where the task speaks of such files: tests, documents, settings. */
  namedRole: number;
}

export const taskWeights: TaskWeights = {
  fields: { path: 1.5, definitions: 1, body: 1 },
  lengthPenalty: { path: 0.5, definitions: 0.5, body: 0.75 },
  saturation: 1.2,
  inName: { path: 0.5, definitions: 0.3 },
  passage: 0.6,
  phrase: 0.4,
  codePhrase: 3,
  laterWords: 0.4,
  commonWords: 0.3,
  pastCommits: 0.4,
  pastFolders: 0.15,
  tests: 0.05,
  namedPath: 0.6,
  near: 0.5,
  coChange: 0.3,
  neighbours: 0.1,
  activity: 0.1,
  centrality: 0.1,
  roles: { source: 1, test: 0.45, example: 0.4, documentation: 0.3, data: 0.3, generated: 0.2 },
  namedRole: 0.45,
};

const day = 24 * 3600;

/** How past commits are weighed among themselves. */
export const commitWeights = {
  /** Many that resemble the task a little tell more than the few that do most. */
  best: 200,
  /** How much the more alike count above the less. */
  sharpness: 2,
  /** Brings files of many such commits and of one closer together. */
  flatness: 0.6,
  /** In this time the weight of a commit halves: as a likeness, and as a sign of activity. */
  likenessHalfLife: 730 * day,
  activityHalfLife: 180 * day,
  /** A file that changed once proves little about what it changes with. */
  doubt: 2,
  /** BM25 over their messages. */
  words: {
    fields: { path: 0, definitions: 0, body: 1 },
    lengthPenalty: { path: 0, definitions: 0, body: 0.6 },
    saturation: 1,
    inName: { path: 0, definitions: 0 },
    passage: 0,
  },
};

/** What a path below a named folder, in the same folder as a named file, or linked to it by an import is worth. */
export const nearWeights = { below: 0.8, beside: 0.4, linked: 0.4 };

/** A file in a folder that the task names, next to 1 for a named file. */
export const namedFolder = 0.3;

/** The best so many at first sight, whose neighbours and companions are looked at. */
export const seedCount = 8;
