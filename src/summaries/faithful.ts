/**
 * Whether what a model wrote of a text names only what the text has. A name that the text has not was made up, or is of
 * another file: what holds it is left out, and the name counted.
 */
export interface Vocabulary {
  /** Names of code in a passage that are not there. */
  unknownIn(passage: string): string[];
  has(name: string): boolean;
}

const word = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** @param beside what a model was told besides the text, such as the path and what it imports */
export function createVocabulary(text: string, beside: readonly string[]): Vocabulary {
  const all = [text, ...beside].join('\n');
  const words = new Set(all.match(word));
  const hasWord = (name: string) => words.has(name) || words.has(singular(name)) || names.has(name);
  const has = (name: string) => {
    if (hasWord(name)) return true;
    const parts = name.match(word) ?? [];
    if (parts.length === 0) return all.includes(name);
    const isPath = /[/-]/.test(name) && all.includes(name.replace(/^\.\//, ''));
    return isPath || (!/[/-]/.test(name) && parts.every(hasWord));
  };
  return { has, unknownIn: (passage) => [...new Set(codeNames(passage))].filter((name) => !has(name)) };
}

/** What a passage writes as code, and what outside of that can only be a name of code: `aB`, `a_b`, `AbCd`, `a()`. */
export function codeNames(passage: string): string[] {
  const names: string[] = [];
  const prose = passage.replace(/`+([^`\n]{1,200})`+/g, (_, code: string) => {
    names.push(...namesWithin(code));
    return ' ';
  });
  for (const [name] of prose.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::|->)[\p{L}_$][\p{L}\p{N}_$]*)*(?:\(\))?/gu)) {
    const bare = name.replace(/\(\)$/, '');
    if (bare !== name || isCodeLike(bare)) names.push(bare);
  }
  return names;
}

/** A call, a member or a path is one name; of a phrase each word that looks like one is. */
function namesWithin(code: string): string[] {
  const trimmed = code.trim().replace(/\(.*\)$/s, '');
  if (/^[\w$./:@#-]+$/u.test(trimmed)) return [trimmed.replace(/^[.:/@#-]+|[.:/-]+$/g, '')].filter(Boolean);
  return trimmed.match(word)?.filter((each) => each.length > 1) ?? [];
}

function isCodeLike(name: string): boolean {
  if (/(?:\.|::|->)/.test(name)) return name.split(/\.|::|->/).some(isCodeLike) && !/^(?:e\.g|i\.e)/.test(name);
  return (
    (/\p{Ll}\p{Lu}/u.test(name) || /[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(name) || /^\$\w/.test(name)) && !names.has(name)
  );
}

function singular(name: string): string {
  return name.replace(/(?<=\p{Ll})(?:s|es|'s)$/u, '');
}

/** Names of things that everybody knows, which look like code. */
const names = new Set(
  `JavaScript TypeScript CoffeeScript ECMAScript AssemblyScript PostScript GitHub GitLab BitBucket OpenAI OpenRouter OpenAPI
   OpenTelemetry OpenSSL PostgreSQL MySQL SQLite NoSQL MongoDB DynamoDB GraphQL WebSocket WebSockets WebAssembly WebGPU WebGL
   WebRTC WebIDL macOS iOS iPhone iPad FreeBSD OpenBSD NetBSD LaTeX TeX YouTube LinkedIn PayPal NodeJS DevTools DevOps
   CircleCI JetBrains IntelliJ PyPI PyTorch NumPy SciPy FastAPI jQuery VSCode LangChain HuggingFace DeepSeek LM_Studio
   IPv4 IPv6 OAuth OAuth2 UUIDv7 UTF8 MacOS RxJS NextJS VueJS ReactJS PowerShell ChatGPT README RegExp JSDoc TSDoc`.split(
    /\s+/,
  ),
);

/** The sentences and lines that name nothing unknown. */
export function keepFaithful(passage: string, vocabulary: Vocabulary, dropped: Set<string>): string {
  if (vocabulary.unknownIn(passage).length === 0) return passage;
  const kept = passage.split(/(?<=[.!?;])\s+(?=[\p{Lu}`"'(])/u).filter((sentence) => {
    const unknown = vocabulary.unknownIn(sentence);
    for (const name of unknown) dropped.add(name);
    return unknown.length === 0;
  });
  return kept.join(' ');
}
