/** Answers as models give them, and what each has to give: the value that its writer meant, or none where that is unclear. */

export const meant = { purpose: "Holds the cart's items", files: [{ path: 'src/cart.ts', score: 0.5 }], done: true };

interface Sample {
  name: string;
  text: string;
  gives: unknown;
}

const json = JSON.stringify(meant);
const pretty = JSON.stringify(meant, null, 2);
const python = `{'purpose': "Holds the cart's items", 'files': [{'path': 'src/cart.ts', 'score': 0.5}], 'done': True}`;
const other = JSON.stringify({ ...meant, purpose: 'Something else' });
const swap = (from: string, to: string) => {
  if (!pretty.includes(from)) throw new Error(`no ${from} in the sample`);
  return pretty.replace(from, () => to);
};
const sample = (name: string, text: string, gives: unknown = meant): Sample => ({ name, text, gives });

/** What a careful reader understands. */
export const readable: readonly Sample[] = [
  sample('a fence', `\`\`\`json\n${pretty}\n\`\`\``),
  sample('a fence without a language', `\`\`\`\n${pretty}\n\`\`\``),
  sample('a fence of tildes', `~~~json\n${pretty}\n~~~`),
  sample('a fence that is not closed', `\`\`\`json\n${pretty}`),
  sample('prose before', `Sure! Here is the JSON that you asked for:\n\n${pretty}`),
  sample('prose after', `${pretty}\n\nLet me know if you need anything else.`),
  sample('prose around a fence', `Here you are:\n\`\`\`json\n${json}\n\`\`\`\nI hope this helps.`),
  sample('a reference in brackets', `As said in [1] and [the notes], the answer is ${json}.`),
  sample('a list to tick', `- [ ] read\n- [x] write\n\n${json}`),
  sample('a link', `See [the docs](https://example.com/a).\n${json}`),
  sample('an empty block of code', `\`function cart() {}\` is all there is.\n${json}`),
  sample('code in braces', `In \`if (x) { return y; }\` it is decided.\n${json}`),
  sample('thoughts', `<think>The user wants JSON. Maybe {"purpose": "x"}?</think>\n${json}`),
  sample('thoughts with a draft that fits', `<thinking>${other}</thinking>${json}`),
  sample('thoughts by another name', `<reasoning>\nhm\n</reasoning>\n\`\`\`json\n${json}\n\`\`\``),
  sample('the end of thoughts alone', `The file is about carts.\n</think>\n${json}`),
  sample('the same value twice', `${json}\n\nOnce more, formatted:\n\n${pretty}`),
  sample('a byte order mark', `\ufeff${json}`),
  sample('a comma before a brace', swap('true\n}', 'true,\n}')),
  sample('a comma before a bracket', swap('}\n  ]', '},\n  ]')),
  sample(
    'commas before all ends',
    '{"purpose":"Holds the cart\'s items","files":[{"path":"src/cart.ts","score":0.5,},],"done":true,}',
  ),
  sample('a comment at the end of a line', swap('"done"', '// all of it\n  "done"')),
  sample('a comment with an URL', swap('"done"', '// see https://example.com/"x"\n  "done"')),
  sample('a comment in a block', swap('"done"', '/* all, of: it */ "done"')),
  sample('keys without quotes', pretty.replace(/"(\w+)":/g, '$1:')),
  sample("Python's form", python),
  sample("Python's form in a fence", `\`\`\`python\n${python}\n\`\`\``),
  sample("Python's None", swap('true', 'None'), { ...meant, done: null }),
  sample("Python's False", swap('true', 'False'), { ...meant, done: false }),
  sample('single quotes with an escape', pretty.replaceAll("'", "\\'").replaceAll('"', "'")),
  sample('an escape that JSON does not know', swap("cart's", "cart\\'s")),
  sample('curly quotes', pretty.replace(/"([^"]*)"/g, '“$1”')),
  sample('a line break in a string', swap("Holds the cart's", "Holds\nthe cart's"), {
    ...meant,
    purpose: "Holds\nthe cart's items",
  }),
  sample('a tab in a string', swap('Holds the', 'Holds\tthe'), { ...meant, purpose: "Holds\tthe cart's items" }),
  sample('no comma between lines', swap('items",', 'items"')),
  sample('no comma between objects', swap('}\n  ]', '}\n { "path": "b.ts", "score": 1 }\n  ]'), {
    ...meant,
    files: [...meant.files, { path: 'b.ts', score: 1 }],
  }),
  sample('JSON in a string', JSON.stringify(json)),
  sample('a field that nobody asked for', swap('"done"', '"confidence": 1,\n  "done"')),
  sample('a field twice, with one value', swap('"done": true', '"done": true,\n  "done": true')),
  sample('brackets in a string', swap('Holds', 'Holds {[}]'), { ...meant, purpose: "Holds {[}] the cart's items" }),
  sample('a fence in a string', swap('Holds', 'Holds ```'), { ...meant, purpose: "Holds ``` the cart's items" }),
  sample('spaces that do not break', pretty.replaceAll('  ', '\u00a0\u00a0')),
  sample('line ends of Windows', pretty.replaceAll('\n', '\r\n')),
];

/** What nobody can know the meaning of, and what is not all there. */
export const unclear: readonly Sample[] = [
  sample('nothing', ''),
  sample('a refusal', 'I am sorry, but I cannot help with that.'),
  sample('prose with an empty list', 'There is nothing: []'),
  sample('thoughts without an end', `<think>${json}`),
  sample('thoughts and nothing else', `<think>${json}</think>`),
  sample('a cut string', pretty.slice(0, 25)),
  sample('a cut list', pretty.slice(0, pretty.indexOf('],'))),
  sample('no last brace', pretty.slice(0, -1)),
  sample('a cut word', json.slice(0, -3)),
  sample('a cut number', json.slice(0, json.indexOf('0.5') + 2)),
  sample('a cut fence', `\`\`\`json\n${pretty.slice(0, -3)}\n\`\`\``),
  sample('a cut value behind a whole one of another kind', `[{"path": "a.ts"}]\n${json.slice(0, -4)}`),
  sample('dots for the rest of a list', swap('}\n  ]', '},\n    ...\n  ]')),
  sample('dots for the rest of an object', swap('true\n}', 'true,\n  ...\n}')),
  sample('a value that is missing', swap('0.5', '')),
  sample('an empty place in a list', swap('[\n', '[,\n')),
  sample('a quote in a string', swap('cart', '"cart"')),
  sample('a quote that is missing at the end', swap('items",', 'items,')),
  sample('a quote that is missing at the beginning', swap('"Holds', 'Holds')),
  sample('a text without quotes', swap(`"Holds the cart's items"`, 'Holds the cart')),
  sample('a sum', swap('0.5', '0.2 + 0.3')),
  sample('texts to be joined', swap('"Holds', '"It " + "Holds')),
  sample('a number with a comma', swap('0.5', '0,5')),
  sample('a number with a zero in front', swap('0.5', '005')),
  sample('a number that is none', swap('0.5', 'NaN')),
  sample('a value that is not defined', swap('true', 'undefined')),
  sample('an escape that could be a path', swap('src/cart.ts', 'src\\cart.ts')),
  sample('a field twice, with two values', swap('"done": true', '"done": true,\n  "done": false,')),
  sample('a brace too few in the middle', swap('    }\n', '')),
  sample('two values that fit', `First I thought ${other}, but it is ${json}`),
  sample('two fences that fit', `\`\`\`json\n${other}\n\`\`\`\nor\n\`\`\`json\n${json}\n\`\`\``),
  sample('an example and a broken answer', `For example ${other}. The answer: ${json.slice(0, -9)}"do`),
  sample('a broken answer and an example', `${swap('0.5', '?')}\nin the form of ${other}`),
  sample('a list around it', `[${json}, ${other}]`),
  sample('a call of a function', `answer(${python.slice(1, -1)})`),
  sample('XML', '<purpose>Holds the cart</purpose><done>true</done>'),
  sample('YAML', 'purpose: Holds the cart\nfiles:\n  - path: src/cart.ts\n    score: 0.5\ndone: true'),
  sample('a schema in place of a value', '{"type": "object", "properties": {"purpose": {"type": "string"}}}'),
  sample('a field that is missing', '{"purpose": "x", "files": []}'),
  sample('a field of another kind', swap('0.5', '"high"')),
  sample('a field in a wrapper', `{"answer": ${json}}`),
  sample('very deep', '['.repeat(100_000)),
].map((each) => ({ ...each, gives: undefined }));
