import { load } from 'js-yaml';
import type * as z from 'zod';
import { cleanLine } from './clean.ts';
import { cut } from './cut.ts';

/** What a Markdown file says between two lines `---` at its head, and the text below. */
export type FrontMatter<Fields> = { fields: Fields; body: string } | { fault: string };

/**
 * Reads a Markdown file with front matter. A fault names the field that is wrong, as `field: what is wrong`.
 *
 * @returns undefined for a file without front matter
 */
export function readFrontMatter<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): FrontMatter<z.output<Schema>> | undefined {
  const parts = /^\uFEFF?---\r?\n(?:([\s\S]*?)\r?\n)??---\r?(?:\n([\s\S]*))?$/.exec(text);
  if (!parts) return undefined;
  const yaml = readYaml(parts[1] || '{}');
  if ('fault' in yaml) return { fault: shown(`front matter: ${yaml.fault}`) };
  const { data, error } = schema.safeParse(yaml.value);
  if (error) {
    const [issue] = error.issues;
    return { fault: shown(`${issue?.path.join('.') || 'front matter'}: ${issue?.message}`) };
  }
  return { fields: data, body: parts[2] ?? '' };
}

const maxFault = 400;

/** It may quote what anybody has written. */
function shown(fault: string): string {
  return cut(cleanLine(fault), maxFault);
}

function readYaml(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: load(text) };
  } catch (error) {
    return { fault: String(error instanceof Error ? error.message : error).split('\n')[0] ?? 'is no YAML' };
  }
}
