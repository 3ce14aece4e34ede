import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandUri, matchUri } from '../../src/resources/uri.ts';

const tree = 'octant://projects/{project}/tree';
const file = 'octant://projects/{project}/files/{+path}';
const ticket = 'octant://tickets/{id}';

/** Any characters, those that URIs give a meaning among them. */
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...'/?#%25e.{}+& \n'), minLength: 1 }),
);

describe('A URI', () => {
  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(text, text, (project, path) => {
        expect(matchUri(tree, expandUri(tree, { project }))).toEqual({ project });
        expect(matchUri(file, expandUri(file, { project, path }))).toEqual({ project, path });
        expect(matchUri(ticket, expandUri(ticket, { id: path }))).toEqual({ id: path });
      }),
    );
  });

  it('is of one form only', () => {
    fc.assert(
      fc.property(text, text, (project, path) => {
        const uri = expandUri(file, { project, path });
        expect([matchUri(tree, uri), matchUri(ticket, uri)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('keeps the slashes of a path and encodes all else', () => {
    expect(expandUri(file, { project: 'a/b', path: 'src/ü #%?.ts' })).toBe(
      'octant://projects/a%2Fb/files/src/%C3%BC%20%23%25%3F.ts',
    );
  });

  it.each([
    ['octant://projects/p/files/%252e%252e/x', { project: 'p', path: '%2e%2e/x' }],
    ['octant://projects/p/files/..%2fx', { project: 'p', path: '../x' }],
    ['octant://projects/a%2fb/files//', { project: 'a/b', path: '/' }],
  ])('is decoded exactly once: %s', (uri, variables) => {
    expect(matchUri(file, uri)).toEqual(variables);
  });

  it.each([
    'octant://projects/p/files/',
    'octant://projects//files/a',
    'octant://projects/p/q/files/a',
    'octant://projects/p/files/a?x',
    'octant://projects/p/files/a#x',
    'octant://projects/p/files/%c0%ae',
    'octant://projects/%/files/a',
    'OCTANT://projects/p/files/a',
    'octant://projects/p/tree',
    ' octant://projects/p/files/a',
    `octant://projects/p/files/${'a'.repeat(8192)}`,
  ])('that is not of the form matches nothing: %.60s', (uri) => {
    expect(matchUri(file, uri)).toBeUndefined();
  });

  it('has nothing but the characters of its template between the variables', () => {
    expect(matchUri('test://a.b/{id}', 'test://axb/1')).toBeUndefined();
    expect(matchUri('test://a.b/{id}', 'test://a.b/1')).toEqual({ id: '1' });
  });
});
