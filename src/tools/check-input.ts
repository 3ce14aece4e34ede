import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { Tool } from './tool.ts';

const maxIssues = 5;

/**
 * Arguments as the tool takes them.
 *
 * @throws UserError `bad_input` naming each field that is wrong
 */
export function checkInput<Input extends z.ZodObject>(tool: Tool<Input>, args: unknown): z.output<Input> {
  const parsed = tool.input.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new UserError('bad_input', describeIssues(tool, parsed.error.issues));
}

function describeIssues({ name, input }: Pick<Tool, 'name' | 'input'>, issues: readonly z.core.$ZodIssue[]): string {
  const known = Object.keys(input.shape).join(', ');
  const described = issues.slice(0, maxIssues).map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const names = issue.keys
        .slice(0, maxIssues)
        .map((key) => JSON.stringify(key.slice(0, 60)))
        .join(', ');
      return `Unknown argument ${names}. ${name} takes: ${known}.`;
    }
    return `${issue.path.join('.').slice(0, 60) || 'arguments'}: ${issue.message.slice(0, 200)}.`;
  });
  return described.join(' ');
}

/** A client pays for each with every request, and its model sees them in the answer. */
const mostListed = 5;
const jsonObject = z.record(z.string(), z.json());

/** Checked here, and said by descriptions or by an error when it matters: every client pays for each word. */
const unlisted = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum', 'pattern', 'format'] as const;
const unlistedInside = ['items', 'properties', 'required', 'description', 'enum'] as const;

/** A default that says no more than that the field is optional. */
function isNothing(initial: unknown): boolean {
  return initial === false || initial === '' || (Array.isArray(initial) && initial.length === 0);
}

/** Inputs whole, but for bounds; of outputs the first fields that are always there, the most important: the others speak for themselves. */
export function toJsonSchema(schema: z.ZodObject, io: 'input' | 'output') {
  const {
    $schema: _,
    type: __,
    properties,
    required,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema, path }) {
      const isInside = path.length > 0;
      for (const key of unlisted) delete jsonSchema[key];
      if (isNothing(jsonSchema.default)) delete jsonSchema.default;
      if (io === 'output' || isInside) delete jsonSchema.additionalProperties;
      if (io === 'output' && isInside) for (const key of unlistedInside) delete jsonSchema[key];
    },
  });
  const fields = jsonObject.parse(properties);
  if (io === 'input') return { type: 'object' as const, properties: fields, ...(required && { required }), ...rest };
  const always = Object.entries(fields)
    .filter(([name]) => required?.includes(name))
    .slice(0, mostListed);
  return { type: 'object' as const, properties: Object.fromEntries(always), ...rest };
}
