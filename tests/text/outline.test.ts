import { describe, expect, test } from 'vitest';
import { outline } from '../../src/text/outline.ts';
import { grammars } from '../../src/text/outline-languages.ts';

/** `line kind name`, indented by depth. */
function show(language: string, text: string): string {
  const entries = outline(text.replace(/^\n/, ''), language);
  return entries.map(({ line, kind, name, depth }) => `${'  '.repeat(depth)}${line} ${kind} ${name}`).join('\n');
}

test('an entry has the line as it stands, trimmed and cut at 160 characters between characters', () => {
  expect(outline('\n  export class Door<T> extends Wall {\r\n', 'TypeScript')).toEqual([
    { line: 2, kind: 'class', name: 'Door', signature: 'export class Door<T> extends Wall {', depth: 0 },
  ]);
  const signature = outline(`function f(${'x'.repeat(148)}😀) {`, 'TypeScript')[0]?.signature ?? '';
  expect(signature).toHaveLength(159);
  expect(signature.isWellFormed()).toBe(true);
});

test.each([undefined, 'Brainfuck', 'constructor', '__proto__'])('the language %s has no outline', (language) => {
  expect(outline('function f() {}\n# heading', language)).toEqual([]);
});

test.each([...grammars.keys(), 'Markdown'])('an empty text has an empty outline in %s', (language) => {
  expect(outline('', language)).toEqual([]);
  expect(outline('\n\n \n', language)).toEqual([]);
});

test.each([
  [
    'TypeScript',
    'export class Straße {\n  größe() { return 1; }\n}\nexport const naïve = 1;',
    '1 class Straße|  2 method größe|4 const naïve',
  ],
  ['Python', 'class Straße:\n    def größe(self):\n        pass', '1 class Straße|  2 method größe'],
  ['Go', 'func (s *Straße) Länge() int {\n}', '1 method Länge'],
  ['Rust', 'pub struct Straße {}\nimpl<T> Länge<T> for Straße {}', '1 struct Straße|2 impl Länge<T> for Straße'],
  ['Java', 'class Straße {\n  int länge(int a) {\n  }\n}', '1 class Straße|  2 method länge'],
  ['C', 'int größe(int länge)\n{\n}', '1 function größe'],
])('names have letters of all scripts in %s', (language, text, wanted) => {
  expect(show(language, text)).toBe(wanted.replaceAll('|', '\n'));
});

test.each([...grammars.entries()])('every pattern of %s can read other than ASCII', (language) => {
  expect(() => outline('größe\n  größe\n', language)).not.toThrow();
});

test('methods on one line', () => {
  const text =
    'class Cart {\n  total() { return 1 }\n  get size(): number { return 2; }\n  plain() {}\n  run(total() )\n}';
  expect(show('TypeScript', text)).toBe('1 class Cart\n  2 method total\n  3 method size\n  4 method plain');
});

describe('each language shows what a reader looks for', () => {
  test('TypeScript', () => {
    const text = `
import { a } from 'b';
export const LIMIT: number = 3;
export const add = (a: number, b: number): number => a + b;
export default async function* walk(root: string) {
  if (root) {
    const local = 1;
  }
  for (const x of y) {
  }
  items.forEach((item) => {
  });
  describe('x', function () {
  });
  function inner() {}
}
export abstract class Door<T> extends Wall {
  private readonly key = 1;
  constructor(key: string) {
  }
  static async open(key: string): Promise<void> {
    return call(key);
  }
  get isOpen() {
  }
  #lock() {}
}
declare module 'x' {
  interface Options { a: 1 }
}
export interface Store {
  read(id: string): Buffer | undefined;
}
export type Id = string;
export const enum Color {
}
`;
    expect(show('TypeScript', text)).toMatchInlineSnapshot(`
      "2 const LIMIT
      3 function add
      4 function walk
        14 function inner
      16 class Door
        18 method constructor
        20 method open
        23 method isOpen
        25 method lock
      27 namespace 'x'
        28 interface Options
      30 interface Store
        31 method read
      33 type Id
      34 enum Color"
    `);
  });

  test('TypeScript skips comments, templates and what regular expressions quote', () => {
    const text = `
/*
function inComment() {}
*/
const text = \`
function inTemplate() {}
\\\` function stillInTemplate() {}
\${x ? \`a\` : 'b'}
\`;
const quote = /["'\`/*]/;
function afterRegex() {}
const url = 'https://example.org/*'; // don't \`
function afterUrl() {}
const half = a / 2; const tick = \`\`;
function afterDivision() {}
/** one line */
function last() {}
`;
    expect(show('TypeScript', text)).toMatchInlineSnapshot(`
      "4 const text
      9 const quote
      10 function afterRegex
      11 const url
      12 function afterUrl
      13 const half
      14 function afterDivision
      16 function last"
    `);
  });

  test('Python', () => {
    const text = `
"""Module text:
def not_this(): ...
"""
MAX_SIZE: int = 10
limit = 3
class Door(Wall):
    '''One line.'''
    KEY = 1
    def __init__(self):
        """
        class NotThis:
        """
        def inner(): pass
    async def open(self) -> None:
        x = "# '''"
    class Meta:
        def run(self): ...
@decorator
def main(): pass
type Pair[T] = tuple[T, T]
`;
    expect(show('Python', text)).toMatchInlineSnapshot(`
      "4 const MAX_SIZE
      6 class Door
        9 method __init__
          13 function inner
        14 method open
        16 class Meta
          17 method run
      19 function main
      20 type Pair"
    `);
  });

  test('Go', () => {
    const text = `
package main
const Max = 3
const (
	A = 1
)
type Store struct {
	name string
}
type Reader[T any] interface {
}
type ID string
var pattern = "\\"" + \`\\\`
func New(name string) *Store {
	f := func() {}
}
func (s *Store) Read(id ID) error {
}
func Map[T any](x []T) {}
var text = \`
func notThis() {}
\`
`;
    expect(show('Go', text)).toMatchInlineSnapshot(`
      "2 const Max
      4 const A
      6 struct Store
      9 interface Reader
      11 type ID
      12 var pattern
      13 function New
      16 method Read
      18 function Map
      19 var text"
    `);
  });

  test('Rust', () => {
    const text = `
pub(crate) const MAX: usize = 3;
static mut COUNT: u8 = 0;
pub struct Store<'a> {
}
pub enum Kind { A }
impl<'a> Reader for Store<'a> {
    pub const unsafe fn open(&self) -> Self {
    }
    async fn read(&mut self) {}
}
pub trait Reader {
    fn read(&self);
}
mod tests {
    #[test]
    fn works() {}
}
macro_rules! vecs {
}
pub type Id = u64;
extern "C" fn call() {}
`;
    expect(show('Rust', text)).toMatchInlineSnapshot(`
      "1 const MAX
      2 const COUNT
      3 struct Store
      5 enum Kind
      6 impl Reader for Store<'a>
        7 method open
        9 method read
      11 trait Reader
        12 method read
      14 module tests
        16 function works
      18 macro vecs
      20 type Id
      21 function call"
    `);
  });

  test('Java', () => {
    const text = `
package x;
public final class Door<T> extends Wall {
    private static final int MAX = 3;
    public Door(String key) {
        this.key = make(key);
        return call(key);
    }
    @Override public Map<String, List<T>> open(int a,
        int b) throws Exception {
        Foo foo = new Foo(a);
        if (a) {
        } else if (b) {
        }
    }
    abstract void close();
    enum Kind { A }
}
interface Reader {
    <T> T read(String id);
}
@interface Marker {}
record Point(int x) {}
`;
    expect(show('Java', text)).toMatchInlineSnapshot(`
      "2 class Door
        4 constructor Door
        8 method open
        15 method close
        16 enum Kind
      18 interface Reader
        19 method read
      21 interface Marker
      22 record Point"
    `);
  });

  test('C#', () => {
    const text = `
namespace Houses.Doors;
public partial class Door : Wall
{
    public Door(string key) : base(key)
    {
        Call(key);
    }
    public string Key { get; set; }
    public async Task<List<int>> OpenAsync<T>(string key)
    {
        await Call(key);
        var x = Make(1);
    }
    public int Count() => 3;
}
public readonly record struct Point(int X);
internal interface IReader { }
public delegate void Changed(object sender);
`;
    expect(show('C#', text)).toMatchInlineSnapshot(`
      "1 namespace Houses.Doors
      2 class Door
        4 constructor Door
        8 property Key
        9 method OpenAsync
        14 method Count
      16 record Point
      17 interface IReader
      18 delegate Changed"
    `);
  });

  test('Kotlin', () => {
    const text = `
const val MAX = 3
data class Point(val x: Int)
enum class Kind { A }
sealed interface Reader {
    suspend fun read(id: String): Int
}
object Registry {
    private val map = 1
    override fun <T> String.open(key: T) {
        println(key)
    }
}
typealias Id = String
fun main() {}
`;
    expect(show('Kotlin', text)).toMatchInlineSnapshot(`
      "1 const MAX
      2 class Point
      3 enum Kind
      4 interface Reader
        5 method read
      7 object Registry
        9 method open
      13 type Id
      14 function main"
    `);
  });

  test('Swift', () => {
    const text = `
let MAX = 3
public final class Door: Wall {
    @objc public class func make() -> Door {
    }
    required init?(coder: Coder) {
    }
    mutating func open<T>(_ key: T) {}
}
extension Door: Reader {
    func read() {}
}
protocol Reader { }
indirect enum Tree { }
`;
    expect(show('Swift', text)).toMatchInlineSnapshot(`
      "1 const MAX
      2 class Door
        3 method make
        5 constructor init
        7 method open
      9 extension Door
        10 method read
      12 protocol Reader
      13 enum Tree"
    `);
  });

  test('C', () => {
    const text = `
#ifndef DOOR_H
#define DOOR_H
#define MAX 3
#define MIN(a, b) ((a) < (b))
struct door {
    int key;
};
struct door *find(const char *name);
typedef struct node {
} node_t;
enum kind { A, B };
static inline int open(struct door *door, int key) {
    int x = call(door);
    return call(door);
    if (x) {
    }
    call(x);
}
struct forward;
`;
    expect(show('C', text)).toMatchInlineSnapshot(`
      "3 macro MAX
      4 macro MIN
      5 struct door
      8 function find
      9 struct node
      10 type node_t
      11 enum kind
      12 function open"
    `);
  });

  test('C++', () => {
    const text = `
namespace houses::doors {
template <typename T> class EXPORT Door : public Wall {
 public:
    explicit Door(int key) : key_(key) {}
    Door()
        : key_(make(1)), other_(2) {}
    virtual ~Door() {
    }
    std::vector<T> open(const T& key) const {
        while (key) {
        }
    }
};
enum class Kind : int { A };
}
Door::Door(int key) : key_(key) {
}
void Door::open(int key) {
}
`;
    expect(show('C++', text)).toMatchInlineSnapshot(`
      "1 namespace houses::doors
      2 class Door
        4 constructor Door
        7 constructor ~Door
        9 method open
      14 enum Kind
      16 constructor Door::Door
      18 function Door::open"
    `);
  });

  test('Ruby', () => {
    const text = `
=begin
def not_this
=end
module Houses
  MAX = 3
  class Door < Wall
    def self.make(key)
    end
    private def open?
    end
    def ==(other) = true
  end
end
def main; end
`;
    expect(show('Ruby', text)).toMatchInlineSnapshot(`
      "4 module Houses
        5 const MAX
        6 class Door
          7 method make
          9 method open?
          11 method ==
      14 function main"
    `);
  });

  test('PHP', () => {
    const text = `
<?php
namespace Houses\\Doors;
final class Door extends Wall {
    public const MAX = 3;
    public static function open(string $key): void {
        $f = function () {};
    }
}
interface Reader {}
trait Locks {}
function main() {}
`;
    expect(show('PHP', text)).toMatchInlineSnapshot(`
      "2 namespace Houses\\Doors
      3 class Door
        4 const MAX
        5 method open
      9 interface Reader
      10 trait Locks
      11 function main"
    `);
  });

  test('Scala', () => {
    const text = `
package houses
sealed trait Reader[T] {
  def read(id: String): T
}
case class Point(x: Int)
object Main extends App {
  private[houses] lazy val key = 1
  implicit def +(other: Int): Int = 1
}
type Id = String
`;
    expect(show('Scala', text)).toMatchInlineSnapshot(`
      "2 trait Reader
        3 method read
      5 class Point
      6 object Main
        8 method +
      10 type Id"
    `);
  });

  test('Elixir', () => {
    const text = `
defmodule Houses.Door do
  @moduledoc """
  def not_this
  """
  def open(key), do: key
  defp locked?(key) do
  end
  defmacro lock(do: block) do
  end
end
`;
    expect(show('Elixir', text)).toMatchInlineSnapshot(`
      "1 module Houses.Door
        5 function open
        6 function locked?
        8 macro lock"
    `);
  });

  test('Shell', () => {
    const text = `
main() {
  echo "a()"
}
function clean-up {
  inner () { :; }
}
# not_this() {
main "$@"
`;
    expect(show('Shell', text)).toMatchInlineSnapshot(`
      "1 function main
      4 function clean-up
        5 function inner"
    `);
  });

  test('SQL', () => {
    const text = `
CREATE TABLE IF NOT EXISTS public."Doors" (
  id int
);
create or replace function open_door(id int) returns void;
create unique index concurrently doors_by_key on doors (key);
/*
create table not_this (id int);
*/
-- create table nor_this (id int);
create materialized view keys as select 1;
`;
    expect(show('SQL', text)).toMatchInlineSnapshot(`
      "1 table public."Doors"
      4 function open_door
      5 index doors_by_key
      10 view keys"
    `);
  });

  test('Markdown', () => {
    const text = `---
title: x
# not this
---
# House #
Text
### Door C#
\`\`\`\`sh
# nor this
\`\`\`
# nor this
\`\`\`\`
<!--
# nor this
-->
- item
---
Wide
====
Under
-----
    # code
#tag
## Last
`;
    expect(show('Markdown', text)).toMatchInlineSnapshot(`
      "5 heading House
        7 heading Door C#
      18 heading Wide
        20 heading Under
        24 heading Last"
    `);
  });

  test('YAML', () => {
    const text = `
# comment: x
name: octant
"on":
  push: x
- item: x
jobs.test/run:
  script: |
    key: x
url:http
`;
    expect(show('YAML', text)).toMatchInlineSnapshot(`
      "2 key name
      3 key on
      6 key jobs.test/run"
    `);
  });

  test('TOML', () => {
    const text = `
title = "x"
text = """
not_this = 1
"""
[package]
name = "x"
[[bin]]
[tool.x."y.z"]
`;
    expect(show('TOML', text)).toMatchInlineSnapshot(`
      "1 key title
      2 key text
      5 table package
      7 table bin
      8 table tool.x."y.z""
    `);
  });

  test('JSON', () => {
    const text = `
{
  "name": "x",
  "nested": {
    "not": "this: {"
  },
  "list": [{
    "nor": 1
  }],
  "last": null
}
`;
    expect(show('JSON', text)).toMatchInlineSnapshot(`
      "2 key name
      3 key nested
      6 key list
      9 key last"
    `);
    expect(show('JSON', '[\n  {\n    "a": 1\n  }\n]')).toBe('');
    expect(show('JSON with Comments', '// c\n{\n  /*\n  "no": 1,\n  */\n  "yes": 1\n}')).toBe('6 key yes');
  });
});

describe('hostile text takes linear time', () => {
  const pieces = [
    ' ',
    '\t',
    'a',
    'a ',
    'a a(',
    '(',
    ')',
    '):',
    '() ',
    '<',
    'a<b ',
    '[',
    '[/',
    ' = /',
    '(/',
    '/',
    '/*',
    '*/',
    '"',
    "'",
    '`',
    '\\',
    '\\"',
    '"\\',
    '"""',
    "'''",
    '#',
    '# ',
    '-',
    '=',
    '= ',
    ':',
    '::',
    '*',
    '&',
    '~',
    '.',
    ',',
    '{',
    '}',
    '<!--',
    '```',
    '@a ',
    'pub ',
    'public ',
    'export ',
    'static ',
    'const ',
    'const a',
    'const a: ',
    'function ',
    'fun ',
    'fun a.',
    'impl<',
    'func (',
    'create ',
    'create table ',
    'template <',
    'private[a] ',
    'a?',
    'a=',
    '"a',
    '[a',
  ];
  const prefixes = ['', '  ', 'a', 'const a = ', 'fun ', 'foo(', 'int ', 'impl', 'class ', '## '];

  test.each([...grammars.keys(), 'Markdown'])('%s', (language) => {
    for (const piece of pieces) {
      for (const line of [piece.repeat(100_000 / piece.length), `${piece.repeat(50_000 / piece.length)}x`]) {
        expect(millisecondsOf(() => outline(line, language))).toBeLessThan(3000);
      }
      for (const prefix of prefixes) {
        const line = `${prefix}${piece.repeat(400)}`.slice(0, 399);
        const text = `${line}\n`.repeat(50);
        expect(
          millisecondsOf(() => outline(text, language)),
          `${prefix}${piece}`,
        ).toBeLessThan(3000);
      }
    }
  });

  test('lines of 50,000 spaces, and a deep staircase of entries', () => {
    const spaces = `${' '.repeat(50_000)}\n`.repeat(20);
    const stairs = Array.from({ length: 300 }, (_, step) => `${' '.repeat(step)}def f${step}():`).join('\n');
    expect(millisecondsOf(() => outline(spaces, 'TypeScript'))).toBeLessThan(3000);
    expect(outline(stairs, 'Python').at(-1)?.depth).toBe(299);
  });

  test('a line over 400 characters is skipped, and a comment that opens in one is not', () => {
    const long = `${'x'.repeat(500)} /*\nfunction hidden() {}\n*/\nfunction shown() {}`;
    expect(show('TypeScript', long)).toBe('4 function shown');
    expect(show('TypeScript', `function f(${'x'.repeat(400)}) {}`)).toBe('');
  });

  function millisecondsOf(work: () => void): number {
    const start = performance.now();
    work();
    return performance.now() - start;
  }
});
