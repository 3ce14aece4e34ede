/** JSON as it is stored. Objects never hold `null`, which a merge patch takes for "remove". */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The JSON merge patch (RFC 7396) that makes `to` out of `from`. Arrays are replaced whole. Where both are equal it is
 * `undefined`.
 */
export function createMergePatch(from: Json | undefined, to: Json | undefined): Json | undefined {
  if (to === undefined) return from === undefined ? undefined : null;
  if (!isObject(from) || !isObject(to)) return canonicalJson(from ?? null) === canonicalJson(to) ? undefined : to;
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  const entries = [...keys].flatMap((key): Array<[string, Json]> => {
    const patch = createMergePatch(own(from, key), own(to, key));
    return patch === undefined ? [] : [[key, patch]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Applies a merge patch (RFC 7396 section 2). Neither argument is changed. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, applyMergePatch(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** JSON with sorted keys and without spaces: equal values are equal texts (as in RFC 8785, for values like ours). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(own(value, key) ?? null)}`);
  return `{${entries.join(',')}}`;
}

function own(object: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
