import type * as z from 'zod';

/** What kind of value a flag takes. */
export type FlagKind = 'boolean' | 'number' | 'list' | 'text';

/** Read off its schema: flags and variables arrive as text. */
export function kindOf(schema: z.ZodType): FlagKind {
  if (typeof schema.safeParse(true).data === 'boolean') return 'boolean';
  if (Array.isArray(schema.safeParse(undefined).data)) return 'list';
  return schema.safeParse(1).success ? 'number' : 'text';
}

/** As `parseArgs` wants to know it. */
export function optionOf(kind: FlagKind) {
  return { type: kind === 'boolean' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' };
}

/** `--limits SCOPE.KIND=NUMBER`: `meta.value` of the schema names the kind of value. */
export function usageOf(flag: string, schema: z.ZodType): string {
  return kindOf(schema) === 'boolean' ? `--${flag}` : `--${flag} ${String(schema.meta()?.value ?? 'VALUE')}`;
}

export function helpLine(usage: string, text: string): string {
  return `  ${usage.padEnd(24)} ${text}`;
}
