/** How a language writes comments. */
export interface CommentStyle {
  /** What a line of a comment begins with. */
  line?: RegExp;
  /** What opens and closes those that may span lines. */
  blocks: ReadonlyArray<readonly [open: RegExp, close: string]>;
}

const starBlock = [/^\/\*+!?/, '*/'] as const;
const slashes: CommentStyle = { line: /^\/\/[/!]*/, blocks: [starBlock] };
const hash: CommentStyle = { line: /^#+(?!!)/, blocks: [] };
const dashes: CommentStyle = { line: /^--+(?!\[)/, blocks: [[/^--\[\[/, ']]'], [/^\{-\|?/, '-}'], starBlock] };
const semicolons: CommentStyle = { line: /^;+/, blocks: [] };
const percents: CommentStyle = { line: /^%+/, blocks: [] };
const markup: CommentStyle = { blocks: [[/^<!--/, '-->']] };
const docstring: CommentStyle = {
  line: /^#+(?!!)/,
  blocks: [
    [/^[rRuUbB]{0,2}"""/, '"""'],
    [/^[rRuUbB]{0,2}'''/, "'''"],
  ],
};
const stars: CommentStyle = { blocks: [starBlock] };
const php: CommentStyle = { line: /^(?:\/\/|#(?!\[))/, blocks: [starBlock] };

const byLanguage = new Map<string, CommentStyle>([
  ...languages(
    slashes,
    'TypeScript,JavaScript,Go,Rust,Java,Kotlin,Swift,C,C++,C#,Objective-C,Scala,Groovy,Dart,SCSS,Less,Zig,Solidity,Verilog,Protocol Buffer,Thrift,Prisma,JSON with Comments,JSON5,F#',
  ),
  ...languages(
    hash,
    'Ruby,Shell,Fish,PowerShell,YAML,TOML,Elixir,Perl,R,Julia,Nim,Crystal,Makefile,Just,CMake,Nix,HCL,INI,Java Properties,Awk,Ignore List,Git Attributes,Dockerfile,GraphQL,Dotenv',
  ),
  ...languages(docstring, 'Python,Starlark'),
  ...languages(dashes, 'SQL,Lua,Haskell'),
  ...languages(semicolons, 'Clojure,Common Lisp,Emacs Lisp,Scheme,Assembly'),
  ...languages(percents, 'Erlang,TeX'),
  ...languages(markup, 'HTML,XML,SVG,Vue,Svelte,Astro'),
  ...languages(stars, 'CSS'),
  ...languages(php, 'PHP'),
]);

export function commentStyle(languageName: string | undefined): CommentStyle | undefined {
  return byLanguage.get(languageName ?? '');
}

function languages(style: CommentStyle, names: string): Array<[string, CommentStyle]> {
  return names.split(',').map((name) => [name, style]);
}
