import * as z from 'zod';
import { readJson } from '../text/json.ts';

const labels = z.array(z.string());

export function readLabels(text: string): string[] {
  return labels.safeParse(readJson(text)).data ?? [];
}
