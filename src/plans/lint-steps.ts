import type { Acceptance, Step } from './plan.ts';
import type { Finding } from './plan-facts.ts';
import { likeness, stemmed, stemsOfText } from './requirements.ts';

/** Whether each step by itself is one that can be done, and told to be done. */
export function lintSteps(steps: readonly Step[]): Finding[] {
  return [...steps.flatMap(lintStep), ...lintDuplicates(steps)];
}

function lintStep(step: Step): Finding[] {
  return [...lintAcceptance(step), ...lintSize(step)];
}

function lintAcceptance({ id, acceptance }: Step): Finding[] {
  if (acceptance.length === 0) {
    const message = `Step ${id} does not say how to tell that it is done. Give it an acceptance item.`;
    return [{ rule: 'no_acceptance', severity: 'error', steps: [id], message }];
  }
  return acceptance.filter(isVague).map(({ text }): Finding => {
    const message = `Step ${id}: ${JSON.stringify(text.slice(0, 120))} cannot be shown true. Say what is to be seen, or give it a check.`;
    return { rule: 'vague_acceptance', severity: 'warning', steps: [id], message };
  });
}

/** Words that praise or repeat, and say nothing that could be seen to be false. */
const vague = stemmed(
  `work expect expected correct correctly proper properly good done complete completed implement fine clean robust better improve
   code test pass everything thing ok ready finish finished appropriate function functional bug free desired required
   requirement step task well nice fast quality best practice success successful successfully happy stable sane final feature`,
);
/** Fewer words that say something are too few. */
const minTelling = 2;

function isVague({ text, check }: Acceptance): boolean {
  if (check !== undefined && check.trim() !== '') return false;
  if (/[`\d]|"[^"]+"/.test(text)) return false;
  return new Set(stemsOfText(text).filter((stem) => !vague.has(stem))).size < minTelling;
}

/** Most files of a step; one that is called small and touches many is not small. */
const maxFiles = { small: 3, medium: 6, large: 10 } as const;
const maxAcceptance = 8;

function lintSize({ id, files, size, acceptance }: Step): Finding[] {
  if (files.length === 0) {
    const message = `Step ${id} names no file. Name those it edits or makes, or put it into test_plan or rollout.`;
    return [{ rule: 'no_files', severity: 'warning', steps: [id], message }];
  }
  const count = files.length > maxFiles[size] ? `${files.length} files` : `${acceptance.length} acceptance items`;
  if (files.length <= maxFiles[size] && acceptance.length <= maxAcceptance) return [];
  const limit = files.length > maxFiles[size] ? `at most ${maxFiles[size]} when ${size}` : `at most ${maxAcceptance}`;
  const message = `Step ${id} has ${count} (${limit}). Split it${size === 'large' ? '' : ', or call it larger'}.`;
  return [{ rule: 'too_large', severity: 'warning', steps: [id], message }];
}

/** The same words in the title, or nearly so over the same files. */
const sameTitle = 0.95;
const similarTitle = 0.6;

function lintDuplicates(steps: readonly Step[]): Finding[] {
  return steps.flatMap((step, index) =>
    steps.slice(index + 1).flatMap((other): Finding[] => {
      const limit = hasSameFiles(step, other) ? similarTitle : sameTitle;
      if (likeness(step.title, other.title) < limit) return [];
      const message = `Steps ${step.id} and ${other.id} are the same: ${JSON.stringify(other.title.slice(0, 80))}. Drop one, or say in the titles how they differ.`;
      return [{ rule: 'duplicate_step', severity: 'warning', steps: [step.id, other.id], message }];
    }),
  );
}

function hasSameFiles(one: Step, other: Step): boolean {
  const paths = new Set(one.files.map(({ path }) => path));
  return paths.size > 0 && paths.size === other.files.length && other.files.every(({ path }) => paths.has(path));
}
