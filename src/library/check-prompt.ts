import { allParts, isBareDiff, parseTemplate } from './template.ts';

interface Checked {
  body: string;
  arguments: ReadonlyArray<{ name: string }>;
}

/** What is wrong between a body and its arguments, as `field: what is wrong`. */
export function faultOf({ body, arguments: declared }: Checked): string | undefined {
  const template = parseTemplate(body);
  if ('fault' in template) return `body: ${template.fault}`;
  const names = declared.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `arguments: ${twice} is declared twice`;
  const parts = [...allParts(template.parts)];
  const used = new Set(
    parts.flatMap((part) => {
      if ('name' in part) return [part.name];
      if ('when' in part) return [part.when];
      return [];
    }),
  );
  const undeclared = [...used].find((name) => !names.includes(name));
  if (undeclared !== undefined) return `body: {{${undeclared}}} is not among its arguments`;
  const inSlots = parts.flatMap((part) => ('slot' in part ? [isBareDiff(part) ? 'diff' : part.slot.operand] : []));
  // What an included prompt takes may be declared here, to be described or to get another default.
  const isComposed = parts.some((part) => 'include' in part);
  const unused = names.find((name) => !used.has(name) && !inSlots.includes(name));
  return unused === undefined || isComposed ? undefined : `arguments: ${unused} does not occur in the body`;
}
