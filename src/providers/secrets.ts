import type { lintSource } from '@secretlint/core';

/** Where a text holds a secret, and of what kind. */
export interface Found {
  start: number;
  end: number;
  kind: string;
}

/**
 * Shapes that secretlint does not know, or knows only in part. Each takes time linear in the text, whatever it holds. Where
 * there is a group, it is the secret.
 */
const shapes: ReadonlyArray<readonly [string, RegExp]> = [
  [
    'private key',
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----END))*(?:-----END [A-Z ]{0,40}-----)?/dg,
  ],
  ['api key', /\bsk-[A-Za-z0-9_-]{20,}/dg],
  ['api key', /\b(?:gsk|hf|[rs]k_live|[rs]k_test|npm|gh[pousr]|github_pat)_\w{16,}/dg],
  ['aws key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/dg],
  ['google key', /\b(?:AIza|ya29\.)[A-Za-z0-9_-]{30,}/dg],
  ['slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/dg],
  ['gitlab token', /\bglpat-[A-Za-z0-9_-]{20,}/dg],
  ['web token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?/dg],
  ['credentials', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,100}:([^\s/@"']{3,200})@/dg],
  // NAME=value of environment files, then "name": "value" and its like in code, if the value has a digit and a letter
  [
    'credential',
    /^[ \t]*(?:export )?[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY)[A-Z0-9_]{0,20}=([^\s"'$(<]{8,500})/dgm,
  ],
  [
    'credential',
    /(?:password|passwd|secret|token|api_?key|access_?key)["']?\s{0,3}(?::|=|=>)\s{0,3}["'](?=[^"'\s]{0,200}\d)(?=[^"'\s]{0,200}[a-z])([^"'\s]{8,500})["']/dgi,
  ],
];

/** All secrets of a text, in their order; none touches another. `known` are found wherever they stand. */
export async function findSecrets(text: string, known: readonly string[]): Promise<Found[]> {
  return merge([...findKnown(text, known), ...(await lint(text)), ...findShapes(text)]);
}

function merge(found: Found[]): Found[] {
  const merged: Found[] = [];
  for (const each of found.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last && each.start < last.end) last.end = Math.max(last.end, each.end);
    else merged.push({ ...each });
  }
  return merged;
}

/** Secrets as they are, and as they stand in a header or a URL. */
export function formsOf(known: readonly string[]): string[] {
  const forms = known.flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]);
  return [...new Set(forms)];
}

export function findKnown(text: string, known: readonly string[]): Found[] {
  const found = formsOf(known).flatMap((form) => {
    const found: Found[] = [];
    for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + form.length)) {
      found.push({ start, end: start + form.length, kind: 'key' });
    }
    return found;
  });
  return merge(found);
}

function findShapes(text: string): Found[] {
  return shapes.flatMap(([kind, shape]) =>
    [...text.matchAll(shape)].flatMap(({ indices }) => {
      const [start, end] = indices?.[1] ?? indices?.[0] ?? [0, 0];
      return { start, end, kind };
    }),
  );
}

/** Its ranges are sometimes too short, so each goes on to the end of its word. */
async function lint(text: string): Promise<Found[]> {
  const [{ lintSource }, config] = await Promise.all([import('@secretlint/core'), loadRules()]);
  const source = { content: text, filePath: 'text.txt', ext: '.txt', contentType: 'text' as const };
  const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
  return messages.map(({ range: [start, end], ruleId }) => {
    wordEnd.lastIndex = end;
    return { start, end: wordEnd.exec(text)?.index ?? text.length, kind: ruleId.replace(/^.*rule-/, '') };
  });
}

const wordEnd = /[\s"'`,;<>()]|$/g;

/** Without the one that lets a comment in the text switch the others off. */
async function loadRules(): Promise<Parameters<typeof lintSource>[0]['options']['config']> {
  const [{ rules }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  secretLintProfiler.setEnabled(false); // it keeps a mark in memory for each rule and text, for ever
  const detectors = rules.filter(({ meta }) => !meta.id.endsWith('filter-comments'));
  return { rules: detectors.map((rule) => ({ id: rule.meta.id, rule })) };
}
