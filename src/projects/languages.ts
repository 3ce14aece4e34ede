import mime from 'mime/lite';

export interface Language {
  /** As GitHub's linguist spells it, `TypeScript`. */
  name: string;
  mimeType: string;
}

/** The language or text format that a file's name or extension stands for, whatever its content. */
export function language(path: string): Language | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return byName.get(name) ?? byExtension.get(extension(name)) ?? byName.get(family(name));
}

/**
 * A MIME type for a file: of its language if it has one, else `text/plain` for text, else what the registry says of its
 * extension, else `application/octet-stream`. So `.ts` is TypeScript and never a video.
 */
export function mimeType(path: string, isText: boolean): string {
  const known = language(path)?.mimeType;
  if (known !== undefined) return known;
  return isText ? 'text/plain' : (mime.getType(path) ?? 'application/octet-stream');
}

/** What follows the last dot; a name that only starts with one has no extension. */
function extension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1) : '';
}

/** The plain name of `Dockerfile.dev`, `Makefile.am` or `.env.local`. */
function family(name: string): string {
  return /^(?:dockerfile|containerfile|makefile|\.env)(?=\.)/.exec(name)?.[0] ?? '';
}

/** Name, MIME type, extensions, whole file names. */
type Row = [name: string, mimeType: string, extensions: string, names?: string];

const rows: Row[] = [
  ['TypeScript', 'text/x-typescript', 'ts mts cts tsx'],
  ['JavaScript', 'text/javascript', 'js mjs cjs jsx'],
  ['Python', 'text/x-python', 'py pyi pyw', 'sconstruct sconscript'],
  ['Go', 'text/x-go', 'go'],
  ['Rust', 'text/x-rust', 'rs'],
  ['Java', 'text/x-java', 'java'],
  ['Kotlin', 'text/x-kotlin', 'kt kts'],
  ['Swift', 'text/x-swift', 'swift'],
  ['C', 'text/x-c', 'c h'],
  ['C++', 'text/x-c++', 'cc cpp cxx c++ hh hpp hxx h++ ipp inl'],
  ['C#', 'text/x-csharp', 'cs csx'],
  ['Objective-C', 'text/x-objective-c', 'm mm'],
  ['Ruby', 'text/x-ruby', 'rb rake gemspec ru', 'gemfile rakefile podfile vagrantfile fastfile brewfile'],
  ['PHP', 'text/x-php', 'php phtml'],
  ['Scala', 'text/x-scala', 'scala sc sbt'],
  ['Groovy', 'text/x-groovy', 'groovy gradle', 'jenkinsfile'],
  ['Elixir', 'text/x-elixir', 'ex exs', 'mix.lock'],
  ['Erlang', 'text/x-erlang', 'erl hrl'],
  ['Haskell', 'text/x-haskell', 'hs lhs'],
  ['OCaml', 'text/x-ocaml', 'ml mli'],
  ['F#', 'text/x-fsharp', 'fs fsi fsx'],
  ['Clojure', 'text/x-clojure', 'clj cljs cljc edn'],
  ['Common Lisp', 'text/x-common-lisp', 'lisp lsp cl'],
  ['Emacs Lisp', 'text/x-emacs-lisp', 'el'],
  ['Scheme', 'text/x-scheme', 'scm ss rkt'],
  ['Dart', 'text/x-dart', 'dart'],
  ['Lua', 'text/x-lua', 'lua'],
  ['Perl', 'text/x-perl', 'pl pm'],
  ['R', 'text/x-r', 'r'],
  ['Julia', 'text/x-julia', 'jl'],
  ['Zig', 'text/x-zig', 'zig zon'],
  ['Nim', 'text/x-nim', 'nim'],
  ['Crystal', 'text/x-crystal', 'cr'],
  ['Fortran', 'text/x-fortran', 'f f90 f95 f03 for'],
  ['Pascal', 'text/x-pascal', 'pas pp dpr'],
  ['Visual Basic', 'text/x-vb', 'vb vbs bas'],
  ['Solidity', 'text/x-solidity', 'sol'],
  ['Assembly', 'text/x-asm', 'asm s'],
  ['Verilog', 'text/x-verilog', 'v sv svh'],
  ['Shell', 'text/x-shellscript', 'sh bash zsh ksh bats', '.bashrc .bash_profile .zshrc .profile .zprofile .envrc'],
  ['Fish', 'text/x-fish', 'fish'],
  ['PowerShell', 'text/x-powershell', 'ps1 psm1 psd1'],
  ['Batch', 'text/x-bat', 'bat cmd'],
  ['Awk', 'text/x-awk', 'awk'],
  ['SQL', 'application/sql', 'sql ddl dml'],
  ['GraphQL', 'text/x-graphql', 'graphql gql'],
  ['Protocol Buffer', 'text/x-protobuf', 'proto'],
  ['Thrift', 'text/x-thrift', 'thrift'],
  ['Prisma', 'text/x-prisma', 'prisma'],
  ['HTML', 'text/html', 'html htm'],
  ['CSS', 'text/css', 'css'],
  ['SCSS', 'text/x-scss', 'scss'],
  ['Sass', 'text/x-sass', 'sass'],
  ['Less', 'text/x-less', 'less'],
  ['Vue', 'text/x-vue', 'vue'],
  ['Svelte', 'text/x-svelte', 'svelte'],
  ['Astro', 'text/x-astro', 'astro'],
  ['Handlebars', 'text/x-handlebars-template', 'hbs handlebars mustache'],
  ['Jinja', 'text/x-jinja', 'j2 jinja jinja2'],
  ['Markdown', 'text/markdown', 'md markdown mdx mdown'],
  ['reStructuredText', 'text/x-rst', 'rst'],
  ['AsciiDoc', 'text/x-asciidoc', 'adoc asciidoc'],
  ['TeX', 'text/x-tex', 'tex sty cls bib'],
  ['JSON', 'application/json', 'json', 'composer.lock pipfile.lock .babelrc .eslintrc .prettierrc'],
  ['JSON with Comments', 'application/json', 'jsonc code-workspace'],
  ['JSON5', 'application/json5', 'json5'],
  ['JSON Lines', 'application/jsonl', 'jsonl ndjson'],
  ['Jupyter Notebook', 'application/x-ipynb+json', 'ipynb'],
  ['YAML', 'application/yaml', 'yaml yml', '.clang-format'],
  ['TOML', 'application/toml', 'toml', 'cargo.lock poetry.lock uv.lock pipfile'],
  ['XML', 'application/xml', 'xml xsd xsl xslt plist csproj fsproj props targets xaml'],
  ['SVG', 'image/svg+xml', 'svg'],
  ['CSV', 'text/csv', 'csv'],
  ['TSV', 'text/tab-separated-values', 'tsv'],
  ['INI', 'text/x-ini', 'ini cfg conf', '.editorconfig .gitconfig .gitmodules .npmrc'],
  ['Java Properties', 'text/x-java-properties', 'properties'],
  ['Dotenv', 'text/x-dotenv', 'env', '.env'],
  ['Ignore List', 'text/plain', '', '.gitignore .dockerignore .npmignore .eslintignore .prettierignore .octantignore'],
  ['Git Attributes', 'text/plain', '', '.gitattributes'],
  ['HCL', 'text/x-hcl', 'tf tfvars hcl'],
  ['Nix', 'text/x-nix', 'nix'],
  ['Dockerfile', 'text/x-dockerfile', 'dockerfile', 'dockerfile containerfile'],
  ['Makefile', 'text/x-makefile', 'mk mak', 'makefile gnumakefile'],
  ['Just', 'text/x-just', 'just', 'justfile'],
  ['CMake', 'text/x-cmake', 'cmake', 'cmakelists.txt'],
  ['Starlark', 'text/x-starlark', 'bzl bazel star', 'tiltfile'],
  ['Go Module', 'text/plain', '', 'go.mod go.sum go.work'],
  ['Diff', 'text/x-diff', 'diff patch'],
  ['Text', 'text/plain', 'txt text log', 'readme license licence copying authors notice changelog codeowners'],
];

const byName = index((row) => row[3]);
const byExtension = index((row) => row[2]);

function index(words: (row: Row) => string | undefined): Map<string, Language> {
  const entries = rows.flatMap((row) => {
    const found = { name: row[0], mimeType: row[1] };
    return (words(row) ?? '').split(' ').map((word): [string, Language] => [word, found]);
  });
  return new Map(entries.filter(([word]) => word !== ''));
}
