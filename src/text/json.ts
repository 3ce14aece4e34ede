/** What a text of JSON holds; `undefined` where it is none, since others may have written it. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
