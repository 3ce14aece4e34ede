/** One kind of declaration. The line is matched without its indentation and modifiers. */
export interface Declaration {
  /** Absent where the pattern's group `kind` has it. */
  kind?: string;
  /** Has a group `name`. Anchored, and without nested quantifiers. */
  pattern: RegExp;
  /** Only without indentation (`top`), or only with (`inner`). */
  where?: 'top' | 'inner';
  /** Only where the line before is like this. */
  below?: RegExp;
  /** Only where the next line that is indented no more is like this. */
  closedBy?: RegExp;
}

/** Declarations of one kind in parentheses, a line each. */
export interface DeclarationGroup {
  /** Has a group `kind`. */
  open: RegExp;
  close: RegExp;
  /** Has a group `name`. */
  member: RegExp;
}

export interface Grammar {
  /** One word that may stand before a declaration, such as `export `. */
  modifier?: RegExp;
  /** What opens a comment or string, or escapes a character. */
  token: RegExp;
  /** What closes a string or comment that may span lines, by what opens it. Other openers close on their line. */
  blocks: Record<string, string>;
  /** A closer before which a backslash means nothing. */
  raw?: string;
  declarations: Declaration[];
  group?: DeclarationGroup;
  /** Where indentation alone does not tell what is at the top. */
  keep?: <T extends { kind: string; depth: number }>(entries: T[], text: string) => T[];
}

const cBlocks = { '/*': '*/' };
const textBlocks = { '/*': '*/', '"""': '"""' };

/** Statements that look like a type and a call. */
const notAType =
  '(?!(?:return|else|new|throw|await|yield|case|goto|delete|using|assert|if|for|foreach|while|switch|catch|lock|do|in|out|and|or|not|co_return)\\b)';

/** A type, a name and a parenthesis: a method of Java or C#. */
const typedMethod = new RegExp(`^${notAType}[\\w.<>[\\],?& ]+ (?<name>\\w+)(?:<[\\w, ?]*>)?\\(`);
const constructorLine = /^(?<name>[A-Z]\w*)\([^;]*\{\}?$/;

const typescript: Grammar = {
  modifier: /^(?:export|default|declare|abstract|async|public|private|protected|static|readonly|override|accessor) +/,
  token: /\\.|\/\/|\/\*|["'`/]/g,
  blocks: { '/*': '*/', '`': '`' },
  declarations: [
    { kind: 'function', pattern: /^function[ *]+(?<name>[\w$]+)/ },
    { pattern: /^(?<kind>class|interface) +(?!extends\b)(?<name>[\w$]+)/ },
    { pattern: /^(?:const +)?(?<kind>enum) +(?<name>[\w$]+)/ },
    { kind: 'type', pattern: /^type +(?<name>[\w$]+) *(?:[<=]|$)/ },
    { kind: 'namespace', pattern: /^(?:namespace|module|global) +(?<name>[\w$."'/@-]+) *\{/ },
    {
      kind: 'function',
      pattern:
        /^(?:const|let|var) +(?<name>[\w$]+)(?::[^=]*| *)= *(?:async\b *)?(?:\([^()]*\)[^=()]*=>|[\w$]+ *=>|function\b)/,
      where: 'top',
    },
    { kind: 'const', pattern: /^(?:const|let|var) +(?<name>[\w$]+)/, where: 'top' },
    {
      kind: 'method',
      pattern:
        /^(?:get +|set +)?[*#]?(?!(?:if|for|while|switch|catch|with|function|return)\b)(?<name>[\w$]+)\??(?:<[^(]*)?\((?!.*\bfunction\b).*\)(?: *\{(?:.*\})?|:[^=()]*(?:\{(?:.*\})?|;))$/,
      where: 'inner',
    },
    {
      kind: 'method',
      pattern:
        /^(?:get +|set +)?[*#]?(?!(?:if|for|while|switch|catch|with|function|return|await)\b)(?<name>[\w$]+)(?:<[^(]*)?\($/,
      where: 'inner',
      closedBy: /^\s*\)(?::.*)? *\{$/,
    },
  ],
};

const python: Grammar = {
  modifier: /^async +/,
  token: /\\.|"""|'''|["'#]/g,
  blocks: { '"""': '"""', "'''": "'''" },
  declarations: [
    { kind: 'function', pattern: /^def +(?<name>\w+)/ },
    { pattern: /^(?<kind>class) +(?<name>\w+)/ },
    { kind: 'type', pattern: /^type +(?<name>\w+)[^=]*=/ },
    { kind: 'const', pattern: /^(?<name>[A-Z][A-Z0-9_]+)(?::[^=]*| *)=(?!=)/, where: 'top' },
  ],
};

const go: Grammar = {
  token: /\\.|\/\/|\/\*|["'`]/g,
  blocks: { '/*': '*/', '`': '`' },
  raw: '`',
  declarations: [
    { kind: 'method', pattern: /^func *\([^)]*\) *(?<name>\w+)/, where: 'top' },
    { kind: 'function', pattern: /^func +(?<name>\w+)/, where: 'top' },
    { pattern: /^type +(?<name>\w+)(?:\[[^\]]*\])? +(?<kind>struct|interface)\b/ },
    { kind: 'type', pattern: /^type +(?<name>\w+)/ },
    { pattern: /^(?<kind>const|var) +(?<name>\w+)/, where: 'top' },
  ],
  group: { open: /^(?<kind>const|var|type) *\($/, close: /^\)/, member: /^\t(?<name>[\p{L}_]\w*)(?: |,|$)/u },
};

const rust: Grammar = {
  modifier: /^(?:pub\([^)]*\)|pub|default|async|unsafe|extern "[^"]*"|const(?= +(?:fn|unsafe|async|extern)\b)) +/,
  token: /\\.|\/\/|\/\*|"/g,
  blocks: cBlocks,
  declarations: [
    { kind: 'function', pattern: /^fn +(?<name>\w+)/ },
    { pattern: /^(?<kind>struct|enum|union|trait|type) +(?<name>\w+)/ },
    { kind: 'impl', pattern: /^impl(?:<[^>]*>)? (?<name>[^{]+)/ },
    { kind: 'module', pattern: /^mod +(?<name>\w+)/ },
    { kind: 'const', pattern: /^(?:const|static(?: mut)?) +(?<name>\w+) *:/ },
    { kind: 'macro', pattern: /^macro_rules! *(?<name>\w+)/ },
  ],
};

const java: Grammar = {
  modifier:
    /^(?:public|private|protected|static|final|abstract|synchronized|native|default|sealed|non-sealed|strictfp|@(?!interface)[\w.]+) +/,
  token: /\\.|\/\/|\/\*|"""|["']/g,
  blocks: textBlocks,
  declarations: [
    { pattern: /^@?(?<kind>class|interface|enum|record) +(?<name>\w+)/ },
    { kind: 'constructor', pattern: constructorLine, where: 'inner' },
    { kind: 'method', pattern: typedMethod, where: 'inner' },
  ],
};

const csharp: Grammar = {
  modifier:
    /^(?:public|private|protected|internal|static|virtual|override|abstract|sealed|async|partial|readonly|unsafe|extern|required|new|\[[^\]]*\]) +/,
  token: /\\.|\/\/|\/\*|"""|["']/g,
  blocks: textBlocks,
  declarations: [
    { pattern: /^(?<kind>namespace) +(?<name>[\w.]+)/ },
    { pattern: /^(?:ref +)?(?<kind>class|interface|struct|enum|record) +(?:struct +|class +)?(?<name>\w+)/ },
    { kind: 'delegate', pattern: /^delegate [^(]* (?<name>\w+)[<(]/ },
    { kind: 'constructor', pattern: /^(?<name>[A-Z]\w*)\([^;]*\)(?: *:.*| *\{\}?)?$/, where: 'inner' },
    { kind: 'method', pattern: typedMethod, where: 'inner' },
    { kind: 'property', pattern: new RegExp(`^${notAType}[\\w.<>[\\],?]+ +(?<name>\\w+) *\\{ *(?:get|set|init)\\b`) },
  ],
};

const kotlin: Grammar = {
  modifier:
    /^(?:public|private|protected|internal|open|abstract|final|override|suspend|inline|operator|infix|data|sealed|annotation|inner|value|tailrec|external|companion|lateinit|const|expect|actual|@\w+) +/,
  token: /\\.|\/\/|\/\*|"""|["']/g,
  blocks: textBlocks,
  declarations: [
    { pattern: /^(?<kind>enum) +class +(?<name>\w+)/ },
    { pattern: /^(?:fun +)?(?<kind>class|interface|object) +(?<name>\w+)/ },
    { kind: 'function', pattern: /^fun [^(]*?\b(?<name>\w+)\(/ },
    { kind: 'type', pattern: /^typealias +(?<name>\w+)/ },
    { kind: 'const', pattern: /^va[lr] +(?<name>\w+)/, where: 'top' },
  ],
};

const swift: Grammar = {
  modifier:
    /^(?:public|private|fileprivate|internal|open|static|final|override|mutating|nonmutating|lazy|weak|required|convenience|indirect|class(?= +(?:func|var)\b)|@\w+) +/,
  token: /\\.|\/\/|\/\*|"""|"/g,
  blocks: textBlocks,
  declarations: [
    { pattern: /^(?<kind>class|struct|enum|protocol|extension|actor) +(?<name>[\w.]+)/ },
    { kind: 'function', pattern: /^func +(?<name>\w+)/ },
    { kind: 'constructor', pattern: /^(?<name>init)[?!]?[(<]/, where: 'inner' },
    { kind: 'type', pattern: /^typealias +(?<name>\w+)/ },
    { kind: 'const', pattern: /^(?:let|var) +(?<name>\w+)/, where: 'top' },
  ],
};

const c: Grammar = {
  modifier: /^(?:static|inline|extern|constexpr|virtual|explicit|friend|typedef|template *<[^>]*>) +/,
  token: /\\.|\/\/|\/\*|["']/g,
  blocks: cBlocks,
  declarations: [
    { kind: 'function', pattern: /^(?:COMPAT_)?SYSCALL_DEFINE\d\((?<name>\w+)/, where: 'top' },
    {
      kind: 'var',
      pattern: /^DEFINE_(?:MUTEX|(?:RAW_)?SPINLOCK|RWLOCK|SEMAPHORE|IDA|IDR)\((?<name>\w+)/,
      where: 'top',
    },
    { kind: 'macro', pattern: /^# *define +(?<name>\w+)[ (]+[^ (]/ },
    { pattern: /^(?<kind>namespace) +(?<name>[\w:]+)/ },
    { kind: 'enum', pattern: /^enum +(?:class +|struct +)?(?<name>\w+) *(?:[{:]|$)/ },
    { pattern: /^(?<kind>class|struct|union) +(?:[A-Z_]+ +)?(?<name>\w+)(?: final)? *(?:[{:]|$)/ },
    { kind: 'constructor', pattern: /^(?<name>(?<type>\w+)::~?\k<type>)\(/, where: 'top' },
    { kind: 'constructor', pattern: /^(?<name>~?[A-Z]\w*)\([^;]*\{(?:.*\})?$/, where: 'inner' },
    {
      kind: 'function',
      pattern: new RegExp(`^${notAType}\\w[\\w:*&<>, ]*[ *&](?<name>[\\w:~]+) ?\\(`),
      where: 'top',
    },
    {
      kind: 'method',
      pattern: new RegExp(`^${notAType}\\w[\\w:*&<>, ]*[ *&](?<name>[\\w:~]+) ?\\([^;]*\\{(?:.*\\})?$`),
      where: 'inner',
    },
    { kind: 'function', pattern: /^(?<name>[a-z_]\w*) ?\(/, where: 'top', below: /^[A-Za-z_][\w *]*$/ },
    { kind: 'type', pattern: /^\}(?: *__\w+)* *(?<name>\w+);/, where: 'top' },
    {
      kind: 'var',
      pattern: new RegExp(
        `^${notAType}(?!(?:struct|union|enum|class) +\\w+ *;)(?:\\w+ +){1,6}\\**(?<name>\\w+)(?:\\[[^\\]]*\\])* *(?:=|;)`,
      ),
      where: 'top',
    },
  ],
};

const ruby: Grammar = {
  modifier: /^(?:private|protected|public|private_class_method|module_function) +/,
  token: /\\.|=begin\b|["'#]/g,
  blocks: { '=begin': '=end' },
  declarations: [
    { pattern: /^(?<kind>class|module) +(?<name>[A-Z][\w:]*)/ },
    { kind: 'function', pattern: /^def +(?:self\.)?(?<name>[\w.]+[?!=]?|[^\w\s(]+)/ },
    { kind: 'const', pattern: /^(?<name>[A-Z][A-Z0-9_]+) *=(?!=)/ },
  ],
};

const php: Grammar = {
  modifier: /^(?:public|private|protected|static|abstract|final|readonly) +/,
  token: /\\.|\/\/|\/\*|["'#]/g,
  blocks: cBlocks,
  declarations: [
    { pattern: /^(?<kind>namespace) +(?<name>[\w\\]+)/ },
    { pattern: /^(?<kind>class|interface|trait|enum) +(?<name>\w+)/ },
    { kind: 'function', pattern: /^function[ &]+(?<name>\w+)/ },
    { kind: 'const', pattern: /^const +(?:\w+ +)?(?<name>\w+) *=/ },
  ],
};

const scala: Grammar = {
  modifier:
    /^(?:private\[\w+\]|protected\[\w+\]|private|protected|final|sealed|abstract|implicit|override|lazy|case|inline|open|@\w+) +/,
  token: /\\.|\/\/|\/\*|"""|"/g,
  blocks: textBlocks,
  declarations: [
    { pattern: /^(?<kind>class|trait|object|enum) +(?<name>\w+)/ },
    { kind: 'function', pattern: /^def +(?<name>[^\s([:=]+)/ },
    { pattern: /^(?<kind>type) +(?<name>\w+)/ },
    { kind: 'const', pattern: /^va[lr] +(?<name>\w+)/, where: 'top' },
  ],
};

const elixir: Grammar = {
  token: /\\.|"""|["'#]/g,
  blocks: { '"""': '"""' },
  declarations: [
    { kind: 'module', pattern: /^defmodule +(?<name>[\w.]+)/ },
    { kind: 'protocol', pattern: /^defprotocol +(?<name>[\w.]+)/ },
    { kind: 'impl', pattern: /^defimpl +(?<name>[\w.]+)/ },
    { kind: 'macro', pattern: /^defmacrop? +(?<name>\w+[?!]?)/ },
    { kind: 'function', pattern: /^defp? +(?<name>\w+[?!]?)/ },
  ],
};

const shell: Grammar = {
  token: /\\.|["'#]/g,
  blocks: {},
  declarations: [
    { kind: 'function', pattern: /^(?<name>[\w:.-]+) *\(\)/ },
    { kind: 'function', pattern: /^function +(?<name>[\w:.-]+)/ },
  ],
};

const sql: Grammar = {
  token: /--|\/\*|["']/g,
  blocks: cBlocks,
  declarations: [
    {
      pattern:
        /^create +(?:or +replace +)?(?:(?:temp|temporary|unique|materialized|global|unlogged|virtual) +)?(?<kind>table|view|index|function|procedure|trigger|type|schema|sequence|database|extension|role|domain|policy) +(?:concurrently +)?(?:if +not +exists +)?(?<name>[\w."`[\]]+)/i,
    },
  ],
};

const toml: Grammar = {
  token: /\\.|"""|'''|["'#]/g,
  blocks: { '"""': '"""', "'''": "'''" },
  raw: "'''",
  declarations: [
    { kind: 'table', pattern: /^\[{1,2}(?<name>[^[\]]+)\]/, where: 'top' },
    { kind: 'key', pattern: /^(?<name>[\w."'-]+) *=/, where: 'top' },
  ],
  keep(entries) {
    const firstTable = entries.findIndex(({ kind }) => kind === 'table');
    return entries.filter(({ kind }, index) => kind === 'table' || firstTable < 0 || index < firstTable);
  },
};

const yaml: Grammar = {
  token: /#/g,
  blocks: {},
  declarations: [{ kind: 'key', pattern: /^["']?(?<name>[\w$./][^:#"']*)["']?:(?:\s|$)/, where: 'top' }],
};

const json: Grammar = {
  token: /\\.|\/\/|\/\*|"/g,
  blocks: cBlocks,
  declarations: [{ kind: 'key', pattern: /^"(?<name>[^"\\]*)" *:/ }],
  keep: (entries, text) => (text.trimStart().startsWith('[') ? [] : entries.filter(({ depth }) => depth === 0)),
};

/** By the name that `projects/languages.ts` gives. Markdown is not made of declarations and has its own reader. */
export const grammars: ReadonlyMap<string, Grammar> = new Map([
  ['TypeScript', typescript],
  ['JavaScript', typescript],
  ['Python', python],
  ['Go', go],
  ['Rust', rust],
  ['Java', java],
  ['C#', csharp],
  ['Kotlin', kotlin],
  ['Swift', swift],
  ['C', c],
  ['C++', c],
  ['Ruby', ruby],
  ['PHP', php],
  ['Scala', scala],
  ['Elixir', elixir],
  ['Shell', shell],
  ['SQL', sql],
  ['TOML', toml],
  ['YAML', yaml],
  ['JSON', json],
  ['JSON with Comments', json],
]);
