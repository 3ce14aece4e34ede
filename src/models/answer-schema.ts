import * as z from 'zod';
import type { AnswerSchema } from '../providers/provider.ts';

/** Checked here anyway, and refused by some providers. */
const bounds = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum', 'pattern', 'format', 'default'];
const record = z.record(z.string(), z.unknown());

/** What a model is to answer, as JSON Schema: whole for its eyes, and without bounds for its provider. */
export function answerSchema(schema: z.ZodType, purpose: string): { text: string; wire: AnswerSchema } {
  const name = purpose.replace(/[^\w-]+/g, '_').slice(0, 64) || 'answer';
  return {
    text: JSON.stringify(toJson(schema, [])),
    wire: { name, json: toJson(schema, bounds) },
  };
}

function toJson(schema: z.ZodType, without: readonly string[]): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema }) {
      for (const key of without) Reflect.deleteProperty(jsonSchema, key);
      if (jsonSchema.properties) jsonSchema.additionalProperties ??= false;
    },
  });
  return record.parse(json);
}
