import { findSecrets } from '../providers/secrets.ts';

export interface Redacted {
  text: string;
  /** How many secrets were taken out. */
  redactions: number;
}

/** A text without what looks like a secret in it. What stands there instead says of what kind it was, and never changes. */
export async function redactText(text: string): Promise<Redacted> {
  const found = await findSecrets(text, []);
  if (found.length === 0) return { text, redactions: 0 };
  const pieces = found.map(({ start, end, kind }, at) => {
    const lineEnds = text.slice(start, end).replace(/[^\n]+/g, ''); // so that lines keep their numbers
    return `${text.slice(found[at - 1]?.end ?? 0, start)}[redacted: ${kind}]${lineEnds}`;
  });
  return { text: [...pieces, text.slice(found.at(-1)?.end)].join(''), redactions: found.length };
}
