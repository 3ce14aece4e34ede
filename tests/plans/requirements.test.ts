import { expect, it } from 'vitest';
import { sentencesOf, uncovered } from '../../src/plans/requirements.ts';
import { planOf } from './good-plans.ts';

/** What is asked, what a step says, and what a reader would say: whether the step serves it. */
const pairs: ReadonlyArray<readonly [asked: string, step: string, isServed: boolean]> = [
  ['Retry failed uploads three times', 'Retry an upload that fails, up to 3 attempts, src/upload.ts', true],
  ['Retry failed uploads three times', 'Show a progress bar while files upload, src/progress.ts', false],
  ['Users can reset their password by mail', 'Password reset: send a mail with a one-time link', true],
  ['Users can reset their password by mail', 'Hash passwords with argon2', false],
  ['Log slow queries', 'Write queries above 200 ms into the log, slow-query.ts', true],
  ['Log slow queries', 'Rotate log files each night', false],
  ['Cache thumbnails on disk', 'Keep each thumbnail in a disk cache by its hash', true],
  ['Cache thumbnails on disk', 'Thumbnails in WebP beside JPEG', false],
  ['Reject requests without a token', 'Answer 401 and reject a request that has no token', true],
  ['Reject requests without a token', 'Rotate the signing key of tokens weekly', false],
  ['Dark mode follows the system', 'Follow the colour scheme of the system: dark mode, theme.css', true],
  ['Dark mode follows the system', 'A settings page with tabs', false],
  ['Sort search results by date', 'Order results of a search by their date', true],
  ['Sort search results by date', 'Highlight matches in search hits', false],
  ['Validate email addresses at registration', 'Registration refuses an invalid email address', true],
  ['Validate email addresses at registration', 'Send a welcome mail after signing up', false],
  ['Compress responses above 1 kB', 'Gzip compression of large responses, compress.go', true],
  ['Compress responses above 1 kB', 'Set cache headers on static assets', false],
  ['Delete accounts after 30 days of inactivity', 'A nightly job deletes inactive accounts, 30 days', true],
  ['Delete accounts after 30 days of inactivity', 'Warn on the dashboard about low disk space', false],
  ['Parse dates in ISO 8601', 'Date parser for ISO 8601 with offsets', true],
  ['Parse dates in ISO 8601', 'Print numbers with thousands separators', false],
  ['Throttle webhook deliveries per customer', 'At most 10 webhook deliveries a second per customer: throttle', true],
  ['Throttle webhook deliveries per customer', 'Sign webhook bodies with HMAC', false],
  ['Add a health endpoint for the load balancer', 'GET /health answers 200; the load balancer asks it', true],
  ['Add a health endpoint for the load balancer', 'Rename the metrics module', false],
  ['Translate the error messages into German', 'German texts of all error messages, locales/de.json', true],
  ['Translate the error messages into German', 'Throw typed errors from the parser', false],
  ['Import contacts from a CSV file', 'Read contacts from CSV and import them, import-contacts.py', true],
  ['Import contacts from a CSV file', 'Merge duplicate address books', false],
  ['Limit the length of comments to 5000 characters', 'Comments above 5000 characters are refused: length limit', true],
  ['Limit the length of comments to 5000 characters', 'Load replies lazily when they are scrolled into view', false],
  ['Notify reviewers when a build breaks', 'A broken build notifies its reviewers', true],
  ['Notify reviewers when a build breaks', 'Cache node_modules between pipelines', false],
  ['Encrypt backups at rest', 'Backup files are encrypted with the operator key', true],
  ['Encrypt backups at rest', 'Copy tables in parallel', false],
  ['Show unread counts in the sidebar', 'Sidebar badge with the number of unread threads: count', true],
  ['Show unread counts in the sidebar', 'Keyboard shortcuts for archiving', false],
  ['Migrate sessions from Redis to Postgres', 'Sessions move to a Postgres table; drop Redis', true],
  ['Migrate sessions from Redis to Postgres', 'Upgrade the compiler to version 5', false],
  ['Support wildcard routes', 'Match wildcard segments in routes, router.rs', true],
  ['Support wildcard routes', 'Print a tree of packages', false],
  ['Stop the worker gracefully on SIGTERM', 'On SIGTERM the worker finishes its job and stops gracefully', true],
  ['Stop the worker gracefully on SIGTERM', 'Give each thread a name in traces', false],
  ['Warn about deprecated options', 'Deprecated options print a warning once', true],
  ['Warn about deprecated options', 'Generate shell completions', false],
  ['Render tables in Markdown exports', 'Markdown export writes tables', true],
  ['Render tables in Markdown exports', 'PDF pages get numbers', false],
  ['Undo the last edit with one key', 'One key undoes the last edit: undo stack', true],
  ['Undo the last edit with one key', 'Select words by double click', false],
];

it('tells what is asked and not served, of 50 labelled pairs', () => {
  const wrong = pairs.filter(([goal, title, isServed]) => {
    const step = { title, why: '', files: [], acceptance: [] };
    return (uncovered(planOf({ goal, constraints: [], steps: [step] })).length === 0) !== isServed;
  });
  process.stdout.write(`${pairs.length - wrong.length} of ${pairs.length} labelled pairs are judged as readers do\n`);
  expect(pairs).toHaveLength(50);
  expect(wrong.map(([goal, step]) => `${goal}: ${step}`)).toEqual([]);
});

it('takes a text apart into sentences, list items and clauses', () => {
  const text = `# Faster search

Search is slow on large trees. Cache the parsed ignore rules between calls, and drop them when a rule file changes.
- colours: red, green, and blue
- [ ] version 2.0 of the format; old files are still read

\`\`\`
never.read(this);
\`\`\``;
  expect(sentencesOf(text)).toEqual([
    'Search is slow on large trees.',
    'Cache the parsed ignore rules between calls',
    'drop them when a rule file changes.',
    'colours: red, green, and blue',
    'version 2.0 of the format',
    'old files are still read',
  ]);
});
