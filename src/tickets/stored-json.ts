import * as z from 'zod';

const labels = z.array(z.string());

/** What a column of JSON holds; `undefined` where it is none, since others may have written to the store. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readLabels(text: string): string[] {
  return labels.safeParse(readJson(text)).data ?? [];
}
