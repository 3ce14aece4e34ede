/** The vocabularies that can be had; what a model's own is, `tokenizerOf` knows. */
type Vocabulary = 'o200k' | 'cl100k' | 'p50k';

/** How the tokens of a model are counted. */
export interface Tokenizer {
  name: string;
  vocabulary: Vocabulary;
  /** How many tokens of its own the model sees for one of that vocabulary; 1 where it is its own. */
  scale: number;
  isExact: boolean;
}

export type CountTokens = (text: string) => number;

/**
 * By the beginning of a model's name, without its provider. Scales are those of the tokenizers themselves over files of
 * TypeScript, C, Rust, Markdown, JSON and YAML, taken where they are highest. Claude's is not public; its maker says that
 * it may see up to 1.35 times as many as before.
 */
const families: ReadonlyArray<readonly [RegExp, Vocabulary, number]> = [
  [/^(?:o200k|gpt-4o|gpt-4\.[1-9]|gpt-[5-9]|gpt-oss|chatgpt-4o|codex-mini|o[1-9](?!\w))/, 'o200k', 1],
  [/^(?:cl100k|gpt-4|gpt-3\.5|gpt-35|text-embedding-)/, 'cl100k', 1],
  [/^(?:p50k|code-davinci|text-davinci-00[23])/, 'p50k', 1],
  [/^(?:(?:meta-)?llama-?[3-9]|qwen|glm|kimi|grok)/, 'o200k', 1.1],
  [/^deepseek/, 'o200k', 1.2],
  [/^(?:gemini|gemma)/, 'o200k', 1.35],
];

/** Of a model that is not known: not less than what most of them see, so that a budget holds whichever it is. */
const otherScale = 1.35;

/** @param model `gpt-5`, `anthropic/claude-sonnet-4`, or a vocabulary by its name */
export function tokenizerOf(model?: string): Tokenizer {
  const name = (model ?? '').toLowerCase().split('/').at(-1) ?? '';
  const family = families.find(([pattern]) => pattern.test(name));
  const [, vocabulary, scale] = family ?? [undefined, 'o200k' as const, otherScale];
  const isExact = scale === 1;
  return { name: isExact ? vocabulary : `estimate (${vocabulary} x ${scale})`, vocabulary, scale, isExact };
}

/** What other vocabularies need more for a character of Chinese or Japanese, and for one of Korean. */
const han = /[\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\uff00-\uffef]/g;
const hangul = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]/g;
const [hanTokens, hangulTokens] = [0.2, 0.5];

/** Loads the vocabulary with its first use: it takes 0.2 s and up to 70 MB, so this belongs into a thread. */
export async function loadCounter({ vocabulary, scale, isExact }: Tokenizer): Promise<CountTokens> {
  const encode = await load(vocabulary);
  const count = (text: string) => countPieces(text, encode);
  if (isExact) return count;
  const timesIn = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return (text) =>
    Math.ceil(scale * count(text) + hanTokens * timesIn(text, han) + hangulTokens * timesIn(text, hangul));
}

/** A text may hold what stands for the end of one in a model's training: here it is text like any other. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
/** Counts of words that are not in the vocabulary; each may keep the text alive that it was found in. */
const remembered = 5000;

async function load(vocabulary: Vocabulary): Promise<CountTokens> {
  const encoding = await vocabularies[vocabulary]();
  encoding.setMergeCacheSize(remembered);
  return (text) => encoding.countTokens(text, asText);
}

const vocabularies = {
  o200k: () => import('gpt-tokenizer/encoding/o200k_base'),
  cl100k: () => import('gpt-tokenizer/encoding/cl100k_base'),
  p50k: () => import('gpt-tokenizer/encoding/p50k_base'),
} as const;

/** The time that a word takes grows with the square of its length, so that 40,000 characters of one kind would take 10 s. */
const longestRun = 200;

/** Cuts runs of letters, of signs or of spaces that are longer: for each cut it may count two tokens more, and none less. */
function countPieces(text: string, count: CountTokens): number {
  let sum = 0;
  let start = 0;
  let run = 0;
  let kind = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const next = code < 128 ? (kinds[code] ?? letter) : letter;
    run = next === kind ? run + 1 : 1;
    kind = next;
    if (run <= longestRun) continue;
    sum += count(text.slice(start, at)) + 1;
    start = at;
    run = 1;
  }
  return sum + count(start === 0 ? text : text.slice(start));
}

const [letter, sign, space] = [0, 1, 2];
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/\s/.test(character)) return space;
  return /\w/.test(character) ? letter : sign;
});
