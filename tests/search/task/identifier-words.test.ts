import { describe, expect, it } from 'vitest';
import { namesIn, phrasesOf, splitName, stem, stemsOf } from '../../../src/search/task/identifier-words.ts';

describe('A name', () => {
  it.each([
    ['resolveConfigFile', ['resolve', 'config', 'file']],
    ['resolve_config_file', ['resolve', 'config', 'file']],
    ['MAX_RETRY_COUNT', ['max', 'retry', 'count']],
    ['HTTPServer2', ['http', 'server', '2']],
    ['parseXMLDocument', ['parse', 'xml', 'document']],
    ['größteZahl', ['größte', 'zahl']],
    ['設定ファイル', ['設定', '定フ', 'ファ', 'ァイ', 'イル']],
    ['x'.repeat(200), []],
  ])('%s is split into words', (name, words) => {
    expect(splitName(name)).toEqual(words);
  });

  it('leaves stop words, single letters and long numbers out', () => {
    expect(stemsOf('isThereA')).toEqual([]);
    expect(stemsOf('x1234567')).toEqual([]);
    expect(stemsOf('whenTheCartIsEmpty')).toEqual(['cart', 'empti']);
  });

  it('gives each pair of neighbours and the whole', () => {
    expect(phrasesOf(['a', 'b', 'c'])).toEqual(['a b', 'b c', 'a b c']);
    expect(phrasesOf(['a', 'b'])).toEqual(['a b']);
    expect(phrasesOf(['a'])).toEqual([]);
  });
});

describe('Words of one kind have one stem', () => {
  it.each([
    ['validate validates validated validating validation validator'],
    ['cache caches cached caching'],
    ['retry retries retried retrying'],
    ['config configuration configure cfg'],
    ['param parameter parameters params'],
    ['resolve resolves resolver resolved'],
    ['test tests tested tester testing'],
    ['stop stops stopped stopping'],
    ['class classes'],
  ])('%s', (words) => {
    expect(new Set(words.split(' ').map(stem)).size).toBe(1);
  });

  it.each([
    ['realization relational notations creation station', 'realiz relat notat creat stat'],
    ['boxes matches wishes glasses queries series', 'box match wish glass queri seri'],
    ['status analysis bus gas', 'status analysis bus gas'],
    ['shipment moment darkness lioness session', 'ship moment dark lioness sess'],
    ['missing king bed seeded layer actor slowly ugly', 'miss king bed seed lay act slow ugli'],
  ])('endings go where enough is left: %s', (words, stems) => {
    expect(words.split(' ').map(stem).join(' ')).toBe(stems);
  });

  it('and others have not', () => {
    const words = 'status state string strong process progress session server service user use list lost'.split(' ');
    expect(new Set(words.map(stem)).size).toBe(words.length);
  });
});

describe('A text', () => {
  it('gives its names in order', () => {
    expect(namesIn('call foo.bar(baz_1) in $x\u0000?')).toEqual(['call', 'foo', 'bar', 'baz_1', 'in', '$x']);
    expect(namesIn('naïve Straße, 長い')).toEqual(['naïve', 'Straße', '長い']);
    expect(namesIn('')).toEqual([]);
  });
});
