import { language } from '../../projects/languages.ts';

/** What a file is for, as its path and its first lines tell: a task is seldom about the files that nobody writes. */
export type FileRole = 'source' | 'test' | 'example' | 'documentation' | 'data' | 'generated';

const testFolder =
  /(^|\/)(tests?|__tests__|specs?|e2e|testing|testdata|test[_-](data|util|utils|helpers?|fixtures?|suite|cases?)|fixtures?|__fixtures__|__snapshots__|__mocks__|mocks?|testsuite|unit_?tests?|integration[_-]?tests?|selftests|src\/test|bench(es|marks?)?)\//i;
const testName =
  /([._-](tests?|specs?|e2e|bench|cy)\.[a-z]+$)|((^|\/)(tests?|test_[^/]*|conftest)\.[a-z]+$)|((Tests?|Spec|TestCase|IT)\.(java|kt|kts|scala|cs|swift|php|groovy|m)$)|(\.snap$)/;
const exampleFolder = /(^|\/)(examples?|samples?|demos?|playgrounds?|tutorials?|cookbook|sandbox|quickstarts?)\//i;
const exampleName = /[._-](examples?|stories|sample|demo)\.[a-z]+$/i;
const documentationFolder = /(^|\/)(docs?|documentation|website|wiki|man|changelogs?|\.changeset)\//i;
const documentationLanguages = new Set(['Markdown', 'reStructuredText', 'AsciiDoc', 'TeX', 'Text']);
const dataLanguages = new Set(
  'JSON,JSON with Comments,JSON5,JSON Lines,YAML,TOML,XML,SVG,CSV,TSV,INI,Java Properties,Dotenv,Ignore List,Git Attributes,Diff,Go Module,Jupyter Notebook'.split(
    ',',
  ),
);
const generatedFolder = /(^|\/)(vendor|vendored|third[_-]?party|node_modules|dist|generated|__generated__)\//i;
const generatedName =
  /(\.min\.(js|css)$)|(\.(pb|gen|generated|g|d)\.[a-z]+$)|(_pb2?(_grpc)?\.[a-z]+$)|(-lock\.[a-z]+$)|(\.lock$)|(\.map$)|((^|\/)go\.sum$)/i;
const generatedMark = /@generated\b|\bDO NOT (EDIT|MODIFY)\b|\bgenerated (file|by|from|with|using)\b/i;
/** A mark stands at the top. */
const markCharacters = 400;

/** @param head the first lines of the text, where it was read */
export function roleOf(path: string, head = ''): FileRole {
  const aside = generatedMark.test(head.slice(0, markCharacters)) ? 'generated' : asideRole(path);
  if (aside) return aside;
  const name = language(path)?.name;
  if (name !== undefined && documentationLanguages.has(name)) return 'documentation';
  if (name === undefined || dataLanguages.has(name)) return 'data';
  return documentationFolder.test(path) ? 'documentation' : 'source';
}

/** Tests, examples, and what was generated or is other people's: seldom what a search is about, and listed last. */
export function isAside(path: string): boolean {
  return asideRole(path) !== undefined;
}

function asideRole(path: string): FileRole | undefined {
  if (generatedName.test(path) || generatedFolder.test(path)) return 'generated';
  if (testFolder.test(path) || testName.test(path)) return 'test';
  return exampleFolder.test(path) || exampleName.test(path) ? 'example' : undefined;
}

/** The roles that a task speaks of, by its words: "fix the flaky test", "document the option". */
export function rolesNamed(task: string): ReadonlySet<FileRole> {
  const named = new Set<FileRole>();
  if (/\b(tests?|specs?|testing|flaky|fixtures?|snapshots?|e2e|benchmarks?)\b/i.test(task)) named.add('test');
  if (/\b(docs?|documentation|documents?|documented|readme|changelog|typos?|guide|tutorial)\b/i.test(task)) {
    named.add('documentation');
  }
  if (/\b(examples?|samples?|demos?|playgrounds?|stories|templates?)\b/i.test(task)) named.add('example');
  if (/\b(configs?|configuration|ya?ml|json|toml|workflows?|ci|lockfile|package\.json|schema)\b/i.test(task))
    named.add('data');
  if (/\b(generated|vendor(ed)?|codegen|bundled?)\b/i.test(task)) named.add('generated');
  return named;
}

/** What a test and the file that it tests are both called: `cart` for `cart.ts`, `cart.test.ts`, `test_cart.py`, `CartTest.java`. */
export function subjectOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[a-z]+$/i, '');
  const bare = name.replace(
    /^tests?[_-]|[._-](tests?|specs?|e2e|bench|unit|integration)$|(?<=[a-z])(Tests?|Spec|IT)$/gi,
    '',
  );
  return bare.replace(/[^a-z0-9]/gi, '').toLowerCase();
}
