/**
 * JSON as it is stored. Objects never hold `null`, which a merge patch takes for "remove"; a key whose value is
 * `undefined` is absent.
 */
export type Json = string | number | boolean | null | Json[] | JsonObject;
type JsonObject = { [key: string]: Json | undefined };

/**
 * The JSON merge patch (RFC 7396) that makes `to` out of `from`. Arrays are replaced whole. Where both are equal it is
 * `undefined`. Parts that both share are not looked into.
 */
export function createMergePatch(from: Json | undefined, to: Json | undefined): Json | undefined {
  if (from === to) return undefined;
  if (to === undefined) return null;
  if (Array.isArray(from) && Array.isArray(to)) return canonicalJson(from) === canonicalJson(to) ? undefined : to;
  if (!isObject(from) || !isObject(to)) return to;
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
    if (value === undefined) continue;
    if (value === null) result.delete(key);
    else result.set(key, applyMergePatch(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** JSON with sorted keys and without spaces: equal values are equal texts (as in RFC 8785, for values like ours). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const part = own(value, key);
    if (part !== undefined) text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(part)}`;
  }
  return `{${text}}`;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
