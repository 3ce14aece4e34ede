import { cut } from '../text/cut.ts';

/** A value whose JSON has at most so many characters: long texts are cut, and long lists have their first items alone. */
export function shrink(value: Record<string, unknown>, maxCharacters: number) {
  let shown = value;
  for (let [text, items] = [8000, 200]; sizeOf(shown) > maxCharacters && text > 20; text /= 2, items /= 2) {
    shown = shrinkFields(value, Math.floor(text), Math.ceil(items));
  }
  return { value: shown, isCut: shown !== value };
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function shrinkFields(value: object, text: number, items: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shrinkAny(each, text, items)]));
}

function shrinkAny(value: unknown, text: number, items: number): unknown {
  if (typeof value === 'string') return cut(value, text);
  if (Array.isArray(value)) return value.slice(0, items).map((each) => shrinkAny(each, text, items));
  return typeof value === 'object' && value !== null ? shrinkFields(value, text, items) : value;
}
