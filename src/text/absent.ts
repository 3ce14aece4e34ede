/**
 * Stored objects leave out what is absent, where `undefined` would be a key. The overload says what the compiler cannot
 * follow through `Object.fromEntries`: the same fields, less those that are `undefined`.
 */
export function withoutAbsent<Fields extends object>(fields: Fields): WithoutUndefined<Fields>;
export function withoutAbsent(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

type WithoutUndefined<Fields> = { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };
