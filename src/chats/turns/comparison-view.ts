import { cut } from '../../text/cut.ts';
import { fitting } from '../../text/fitting.ts';
import type { BranchComparison, Finding, Findings } from './compare-branches.ts';

/* What tools show of a comparison: both faces of an answer come from these. */

/** What the three words mean, for whoever reads them. */
export const comparisonWords =
  'shared: in all; only: in some, which are named; disputed: the same words with other numbers, or denied. ' +
  'All this is by words, not by meaning.';

export type ComparisonView = ReturnType<typeof comparisonView>;

const mostOfFact = 80;
const mostOfName = 40;

/** Branches by their names, within so many characters. */
export function comparisonView({ facts, claims }: BranchComparison, names: readonly string[], room: number) {
  const byOf = (by: readonly number[]) => by.map((index) => cut(names[index] ?? '', mostOfName)).join(', ');
  const shown = ({ text, by }: Finding) => `${text} (${byOf(by)})`;
  const fact = (finding: Finding) => shown({ ...finding, text: cut(finding.text, mostOfFact) });
  return {
    facts: facts.map(({ kind, shared, only, disputed }) => ({
      kind,
      shared: part(
        shared.map((text) => cut(text, mostOfFact)),
        0.05,
      ),
      only: part(only.map(fact), 0.07),
      ...(kind === 'verdicts' && { disputed: part(disputed.map(pairOf(fact)), 0.05) }),
    })),
    shared_claims: part(claims.shared, 0.12),
    disputed_claims: part(claims.disputed.map(pairOf(shown)), 0.15),
    only_claims: part(claims.only.map(shown), 0.16),
  };

  function part<Item>(items: readonly Item[], share: number): Item[] {
    return fitting(items, room * share, 0);
  }
}

function pairOf(shown: (finding: Finding) => string) {
  return ({ one, other }: Findings['disputed'][number]) => ({ one: shown(one), other: shown(other) });
}

export function describeComparison({ facts, ...claims }: ComparisonView): string[] {
  const pair = ({ one, other }: { one: string; other: string }) => `${one} | ${other}`;
  const listed = (words: string, items: readonly string[]) =>
    items.length > 0 ? [`${words} ${items.join(', ')}`] : [];
  return [
    ...facts.flatMap(({ kind, shared, only, disputed = [] }) => {
      const lists = [...listed('disputed', disputed.map(pair)), ...listed('shared', shared), ...listed('only', only)];
      return lists.length > 0 ? [`${kind}: ${lists.join('; ')}`] : [];
    }),
    ...claims.disputed_claims.map((each) => `disputed: ${pair(each)}`),
    ...claims.shared_claims.map((claim) => `shared: ${claim}`),
    ...claims.only_claims.map((claim) => `only: ${claim}`),
  ];
}
