/** A text with values in its places, `{{name}}`; in one pass, so that nothing within a value is filled again. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const known = new Map(Object.entries(values));
  return template.replace(/\{\{(\w+)\}\}/g, (place, name: string) => known.get(name) ?? place);
}
