import { join } from 'node:path';
import type { Language, Node, Parser, Tree } from 'web-tree-sitter';
import { packageFolder } from '../../package.ts';
import { language } from '../../projects/languages.ts';
import type { Definition } from './definitions.ts';
import { containerKinds, definitionKinds, grammarOf, methodOwners } from './syntax-kinds.ts';

export interface Syntax {
  /**
   * The same definitions with the kind, range and parent that a parser gives them; undefined where there is no
   * grammar or no time, or where the parser sees something else.
   *
   * @param definitions of one file
   */
  check(
    text: string,
    definitions: readonly Definition[],
    shouldStop: () => boolean,
  ): Promise<Array<Definition | undefined>>;
}

const maxParsedCharacters = 1_000_000;

/**
 * Reads definitions with tree-sitter. The parser and the grammars are WebAssembly, loaded when they are first needed;
 * a grammar that is not there or does not load leaves what the lines have told as it is.
 *
 * @param folder where the grammars are
 */
export function createSyntax(folder = join(packageFolder, 'dist', 'grammars')): Syntax {
  const grammars = new Map<string, Promise<Language | undefined>>();
  let parser: Promise<Parser | undefined> | undefined;

  return {
    async check(text, definitions, shouldStop) {
      const path = definitions[0]?.path ?? '';
      const tree = text.length > maxParsedCharacters ? undefined : await parse(path, text, shouldStop);
      if (!tree) return definitions.map(() => undefined);
      try {
        const lines = text.split('\n');
        return definitions.map((definition) => judge(tree, definition, lines[definition.line - 1] ?? ''));
      } finally {
        tree.delete(); // WebAssembly's memory is not collected
      }
    },
  };

  async function parse(path: string, text: string, shouldStop: () => boolean): Promise<Tree | undefined> {
    const name = grammarOf(path, language(path)?.name);
    if (name === undefined) return undefined;
    parser ??= loadParser();
    const ready = await parser;
    if (!ready) return undefined;
    const known = grammars.get(name) ?? loadGrammar(name);
    grammars.set(name, known);
    const grammar = await known;
    if (!grammar) return undefined;
    ready.setLanguage(grammar);
    const tree = ready.parse(text, null, { progressCallback: shouldStop });
    if (!tree) ready.reset(); // else the next text would be taken for the rest of this one
    return tree ?? undefined;
  }

  async function loadParser(): Promise<Parser | undefined> {
    const { Parser } = await import('web-tree-sitter');
    try {
      await Parser.init({ locateFile: (name: string) => join(folder, name) });
      return new Parser();
    } catch {
      return undefined;
    }
  }

  async function loadGrammar(name: string): Promise<Language | undefined> {
    const { Language } = await import('web-tree-sitter');
    const file = join(folder, `tree-sitter-${name}.wasm`);
    return Language.load(file).catch(() => undefined);
  }
}

/** Looks from the name outwards for the node that defines it. */
function judge(tree: Tree, definition: Definition, line: string): Definition | undefined {
  const column = columnOf(line, definition.name);
  const point = { row: definition.line - 1, column };
  const name = tree.rootNode.descendantForPosition(point, { row: point.row, column: column + 1 });
  for (let node = name; node; node = node.parent) {
    if (node.startPosition.row < point.row - maxLinesBeforeName) break;
    const kind = definitionKinds.get(node.type);
    if (kind !== undefined && node.isNamed && isNamedBy(node, name)) {
      return describe(definition, node, kind);
    }
  }
  return undefined;
}

/** Decorators, and types on lines of their own. */
const maxLinesBeforeName = 20;

function columnOf(line: string, name: string): number {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    if (!/[\w$]/.test(line[at - 1] ?? '') && !/[\w$]/.test(line[at + name.length] ?? '')) return at;
  }
  return Math.max(0, line.indexOf(name));
}

function nameOf(node: Node): Node | null {
  for (const field of ['name', 'declarator', 'type', 'left']) {
    const found = node.childForFieldName(field);
    if (found && (field !== 'type' || node.type === 'impl_item')) return found;
  }
  return null;
}

function isNamedBy(node: Node, name: Node | null): boolean {
  const own = nameOf(node);
  return own !== null && name !== null && own.startIndex <= name.startIndex && name.endIndex <= own.endIndex;
}

function describe(definition: Definition, node: Node, kind: string): Definition {
  const { path, line, name, signature, isDeclared } = definition;
  const container = containerOf(node);
  const parent = receiverOf(node) ?? (container ? bareName(container) : definition.parent);
  const owner = container && definitionKinds.get(container.type);
  return {
    path,
    line,
    endLine: Math.max(line, lastLineOf(node)),
    kind: exactKind(node, kind, definition.kind, owner),
    name,
    signature,
    isDeclared,
    ...(parent !== undefined && { parent }),
  };
}

function exactKind(node: Node, kind: string, lexical: string, owner: string | undefined): string {
  if (kind === 'type') {
    const type = node.childForFieldName('type')?.type ?? '';
    return /^(struct|interface|enum|union)/.exec(type)?.[1] ?? kind;
  }
  if (kind === 'var' || kind === 'property') return /arrow|function/.test(valueType(node)) ? 'function' : lexical;
  if (lexical === 'constructor') return lexical;
  return kind === 'function' && owner !== undefined && methodOwners.has(owner) ? 'method' : kind;
}

function valueType(node: Node): string {
  return node.childForFieldName('value')?.type ?? '';
}

function containerOf(node: Node): Node | undefined {
  for (let above = node.parent; above; above = above.parent) {
    const kind = definitionKinds.get(above.type);
    if (kind !== undefined && containerKinds.has(kind) && above.isNamed && nameOf(above)) return above;
  }
  return undefined;
}

/** The name of a container without its type parameters, and without what a declarator has around it. */
function bareName(container: Node): string | undefined {
  let name = nameOf(container);
  for (let inner = name; inner; inner = inner.childForFieldName('declarator')) name = inner;
  const text = name?.text.split('\n')[0]?.replace(/<.*$/, '').trim();
  return text === undefined || text === '' ? undefined : text.slice(0, 100);
}

/** Go's methods stand outside their type. */
function receiverOf(node: Node): string | undefined {
  const receiver = node.type === 'method_declaration' ? node.childForFieldName('receiver') : null;
  return receiver ? /(\w+)\s*(?:\[[^\]]*\])?\s*\)$/.exec(receiver.text)?.[1] : undefined;
}

function lastLineOf(node: Node): number {
  const whole = node.type === 'variable_declarator' && node.parent ? node.parent : node;
  const { row, column } = whole.endPosition;
  return column === 0 ? row : row + 1;
}
