/*
 * URIs by RFC 6570 templates, as far as resources use them: `{name}` is one segment, and `{+path}`, at the end, is all
 * the rest of the path.
 */

/** The names of a template's variables: `project` and `path` of `octant://projects/{project}/files/{+path}`. */
export type VariableOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `+${infer Plain}` ? Plain : Name) | VariableOf<Rest>
  : never;

const maxUriLength = 8192;

/**
 * The variables of a URI of the template's form, or nothing. Each is percent-decoded exactly once (RFC 3986 section
 * 2.4), so that `%252e` stays `%2e`, and is otherwise not yet checked.
 */
export function matchUri(template: string, uri: string): Record<string, string> | undefined {
  if (uri.length > maxUriLength) return undefined;
  const { pattern, names } = formOf(template);
  const match = pattern.exec(uri);
  if (!match) return undefined;
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
  } catch {
    return undefined; // no UTF-8
  }
}

export function expandUri<Template extends string>(
  template: Template,
  variables: Record<VariableOf<Template>, string>,
): string {
  const values = new Map(Object.entries<string>(variables));
  return template.replace(expression, (_, plus: string, name: string) => {
    const value = values.get(name) ?? '';
    return plus ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
}

const expression = /\{(\+?)(\w+)\}/g;

interface Form {
  pattern: RegExp;
  names: readonly string[];
}

/** Each template is compiled once; there are as many as kinds of resources. */
const forms = new Map<string, Form>();

function formOf(template: string): Form {
  const form = forms.get(template) ?? compile(template);
  forms.set(template, form);
  return form;
}

function compile(template: string): Form {
  const parts = template.split(/(\{\+?\w+\})/).map((part) => {
    if (!part.startsWith('{')) return part.replace(/[^\w:/]/g, '\\$&');
    return part.startsWith('{+') ? '([^?#]+)' : '([^/?#]+)';
  });
  return {
    pattern: new RegExp(`^${parts.join('')}$`),
    names: [...template.matchAll(expression)].map(([, , name]) => name ?? ''),
  };
}
