import { commandFor } from './commands.ts';
import { nameOf, reasonsOf, riskOf, titleOf } from './draft-words.ts';
import type { LikelyFile, Material } from './material.ts';
import type { Acceptance, Step, StepFile } from './plan.ts';
import { stemsOfText } from './requirements.ts';
import { testsFor } from './tests-for.ts';

/** Files of one folder, which are changed together. */
export interface Group {
  folder: string;
  files: LikelyFile[];
}

/** A step for each folder, what is imported first; with the tests of its files, and what of the goal it seems to be for. */
export function draftSteps(chosen: readonly LikelyFile[], requirements: readonly string[], material: Material): Step[] {
  const groups = inImportOrder(groupByFolder(chosen));
  const shares = shareOut(requirements, groups);
  const taken = new Set(chosen.map(({ path }) => path));
  return groups.map((group, at) => {
    const tests = group.files.flatMap((file) => testsFor(file, material).slice(0, group.files.length > 2 ? 1 : 2));
    const own = tests.filter(({ path }) => !taken.has(path) && taken.add(path));
    const files = [...group.files.map(toStepFile), ...own];
    const paths = [...new Set(tests.map(({ path }) => path))];
    const risk = riskOf(group, chosen);
    return {
      id: at + 1,
      title: titleOf(group),
      why: reasonsOf(group),
      files,
      depends_on: dependenciesOf(group, groups.slice(0, at)),
      acceptance: [...(shares[at] ?? []).map((text) => withCheck(text, paths)), ...testsPass(group, paths, material)],
      size: sizeOf(files, group),
      ...(risk && { risk }),
    };
  });
}

const mostFiles = 5;

function groupByFolder(files: readonly LikelyFile[]): Group[] {
  const groups: Group[] = [];
  for (const file of files) {
    const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')));
    const known = groups.find((group) => group.folder === folder && group.files.length < mostFiles);
    if (known) known.files.push(file);
    else groups.push({ folder, files: [file] });
  }
  return groups;
}

/** What others import comes before them; of those that import each other the likelier first. */
function inImportOrder(groups: readonly Group[]): Group[] {
  const ordered: Group[] = [];
  let left = [...groups];
  for (let next = left[0]; next; next = left[0]) {
    const free = left.find((group) => !left.some((other) => other !== group && imports(group, other)));
    const taken = free ?? next;
    ordered.push(taken);
    left = left.filter((group) => group !== taken);
  }
  return ordered;
}

function imports(group: Group, other: Group): boolean {
  const theirs = new Set(other.files.map(({ path }) => path));
  return group.files.some((file) => file.imports.some((path) => theirs.has(path)));
}

function dependenciesOf(group: Group, earlier: readonly Group[]): number[] {
  return earlier.flatMap((other, at) => (imports(group, other) ? at + 1 : []));
}

const mostOfGoal = 6;
const likeliestGain = 0.4;

/** Each sentence of the goal to the step whose files have most of its words that others have not, and to the likeliest where none has any. */
function shareOut(requirements: readonly string[], groups: readonly Group[]): string[][] {
  const shares = groups.map((): string[] => []);
  const words = groups.map(({ files }) => new Set(files.flatMap(wordsOf)));
  const holders = (stem: string) => words.filter((known) => known.has(stem)).length;
  const likeliest = groups.findIndex(({ files }) => files.some(({ score, isNamed }) => isNamed || score === 1));
  for (const text of requirements) {
    const stems = [...new Set(stemsOfText(text))];
    const fits = words.map((known, at) => {
      const isFull = (shares[at]?.length ?? 0) >= mostOfGoal;
      const fit = stems.reduce((sum, stem) => sum + (known.has(stem) ? 1 / holders(stem) : 0), 0);
      return isFull ? -1 : fit + (at === likeliest ? likeliestGain : 0);
    });
    const best = Math.max(...fits);
    const share = shares[fits.indexOf(best)] ?? [];
    share.push(best < 0 ? `${share.pop() ?? ''} ${text}` : text);
  }
  return shares;
}

function wordsOf({ path, purpose, declares }: LikelyFile): string[] {
  return stemsOfText([path, purpose, ...declares.map(({ signature }) => signature)].join('\n'));
}

function withCheck(text: string, tests: readonly string[]): Acceptance {
  const [test] = tests;
  return test === undefined ? { text } : { text, check: `a test in ${test} shows it` };
}

function testsPass({ files }: Group, tests: readonly string[], { commands }: Material): Acceptance[] {
  const check = commandFor(commands, tests);
  if (check === undefined && tests.length === 0) return [];
  const names = files.map(({ path }) => nameOf(path)).join(', ');
  const missing = tests.filter((path) => !check?.includes(path));
  const run = [check ?? 'run', missing.length > 0 ? `${check === undefined ? '' : 'with '}${missing.join(' ')}` : ''];
  return [{ text: `The tests of ${names} pass.`, check: run.filter(Boolean).join(' ') }];
}

function sizeOf(files: readonly StepFile[], group: Group): Step['size'] {
  const lines = group.files.reduce((sum, file) => sum + file.lines, 0);
  if (files.length > 6) return 'large';
  return files.length > 3 || lines > 600 ? 'medium' : 'small';
}

function toStepFile({ path, isNew }: LikelyFile): StepFile {
  return { path, action: isNew ? 'new' : 'edit' };
}
