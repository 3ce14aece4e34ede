import { rolesNamed } from '../search/files/file-role.ts';
import type { LikelyFile, Material } from './material.ts';

export type PlanSize = 'small' | 'medium' | 'large';

/**
 * How many files a draft names: those that score nearly as high as the best. On real commits, which change two or three
 * files, this is right more often than any fixed number (npm run eval).
 */
const limits = {
  small: { files: 2, score: 0.8 },
  medium: { files: 5, score: 0.75 },
  large: { files: 10, score: 0.5 },
} as const;
/** Beside files that the caller named only what is about as likely as the best. */
const besideNamed = 0.85;

/** Of what may be concerned, what a draft changes: code, or what else the goal speaks of. */
export function chooseFiles({ files }: Material, goal: string, size: PlanSize): LikelyFile[] {
  const { files: most, score: least } = limits[size];
  const roles = rolesNamed(goal);
  const named = files.filter(({ isNamed }) => isNamed);
  const fit = files.filter(
    ({ isNamed, role }) => !isNamed && (role === 'source' || (role !== 'generated' && roles.has(role))),
  );
  const best = fit[0]?.score ?? 0;
  const likely = fit.filter(({ score }) => score >= best * (named.length > 0 ? Math.max(least, besideNamed) : least));
  return [...named, ...likely.slice(0, Math.max(named.length > 0 ? 0 : 1, most - named.length))];
}
