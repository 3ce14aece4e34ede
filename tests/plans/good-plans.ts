import type { PlanDocument, Step, StepFile } from '../../src/plans/plan.ts';
import { type FixtureProject, projects } from './projects.ts';

export interface GoodPlan {
  name: string;
  project: FixtureProject;
  document: PlanDocument;
}

type StepParts = Pick<Step, 'title' | 'why' | 'files' | 'acceptance'> & Partial<Step>;
type Parts = Pick<PlanDocument, 'goal' | 'constraints'> & { steps: StepParts[] } & Partial<Omit<PlanDocument, 'steps'>>;

/** Each step waits for the one before it, unless it says otherwise. */
export function planOf({ steps, ...rest }: Parts): PlanDocument {
  return {
    ...{ title: rest.goal.split(/[.\n]/)[0] ?? '', mode: 'offline', assumptions: [], questions: [], approach: '' },
    ...{ alternatives: [], test_plan: [], rollout: [], next_step: steps.length + 1, next_question: 1, ...rest },
    steps: steps.map((step, index) => ({
      ...{ id: index + 1, depends_on: index === 0 ? [] : [index], size: 'medium', ...step },
    })),
  };
}

const edit = (path: string): StepFile => ({ path, action: 'edit', hash: 'aa' });
const make = (path: string): StepFile => ({ path, action: 'new' });
const remove = (path: string): StepFile => ({ path, action: 'delete', hash: 'aa' });

/** A feature of one kind in one project, as a planner would word it; `at` says which of its modules comes first. */
type Feature = (project: FixtureProject, at: number) => PlanDocument;

function modulesFrom({ modules }: FixtureProject, at: number) {
  const [a, b, c, d] = modules;
  const turns = [
    [a, b, c, d],
    [b, c, d, a],
    [c, d, a, b],
    [d, a, b, c],
  ] as const;
  return turns[at % 4] ?? turns[0];
}

const retries: Feature = (project, at) => {
  const [a, b, c] = modulesFrom(project, at);
  const folder = a.source.slice(0, a.source.lastIndexOf('/'));
  const helper = `${folder}/backoff.${project.extension}`;
  return planOf({
    goal: `Calls of the ${a.subject} that time out are retried with exponential backoff. The ${b.subject} tells how many attempts were made. Document the limits for operators.`,
    constraints: ['No third-party dependency may be added.'],
    approach: 'A small function of our own computes the delays, so that no third-party dependency is added.',
    steps: [
      {
        ...{
          title: `Compute exponential backoff delays for ${a.subject} calls`,
          why: 'One place decides how long to wait',
        },
        files: [make(helper), edit(a.test)],
        acceptance: [{ text: 'Five delays double from 100 ms and stay below 3 s', check: project.check(a.test) }],
      },
      {
        ...{ title: `Retry ${a.subject} calls that time out`, why: 'A lost packet should not fail the user' },
        files: [edit(a.source), edit(a.test)],
        acceptance: [{ text: 'A call that times out twice succeeds at the third try', check: project.check(a.test) }],
      },
      {
        ...{ title: `Report the number of attempts in the ${b.subject}`, why: 'Operators see when a peer is slow' },
        files: [edit(b.source), edit(b.test)],
        acceptance: [{ text: `The ${b.subject} shows 3 attempts after two failures`, check: project.check(b.test) }],
      },
      {
        ...{ title: 'Document the retry limits', why: 'Operators tune them', size: 'small', depends_on: [2] },
        files: [edit(project.documents)],
        acceptance: [{ text: `The guide names the limits of ${a.subject} and ${c.subject} calls and their defaults` }],
      },
    ],
  });
};

const exportFeature: Feature = (project, at) => {
  const [a, b] = modulesFrom(project, at);
  const folder = a.source.slice(0, a.source.lastIndexOf('/'));
  const [writer, writerTest] = [`${folder}/csv.${project.extension}`, a.test];
  return planOf({
    goal: `- Export every ${a.subject} as CSV\n- Stream large exports instead of holding them in memory\n- The ${b.subject} page offers the download link`,
    constraints: [],
    steps: [
      {
        ...{ title: `Write ${a.subject} rows as CSV`, why: 'Spreadsheets read it' },
        files: [make(writer), edit(writerTest)],
        acceptance: [{ text: 'Quotes, commas and newlines survive a round trip', check: project.check(writerTest) }],
      },
      {
        ...{ title: `Stream the exports of the ${a.subject}`, why: 'Large exports must not fill memory' },
        files: [edit(a.source), edit(a.test)],
        acceptance: [{ text: 'One million rows take less than 50 MB of memory', check: project.check(a.test) }],
      },
      {
        ...{ title: `Offer the download on the ${b.subject} page`, why: 'People find the link there', size: 'small' },
        files: [edit(b.source), edit(b.test)],
        acceptance: [{ text: 'The link answers with text/csv', check: project.check(b.test) }],
      },
    ],
  });
};

const replacement: Feature = (project, at) => {
  const [a, b, c] = modulesFrom(project, at);
  const folder = a.source.slice(0, a.source.lastIndexOf('/'));
  const [next, old] = [`${folder}/next_${a.subject}.${project.extension}`, a.source];
  return planOf({
    goal: `Replace the ${a.subject} by an asynchronous one. The ${b.subject} and the ${c.subject} move over to it. Delete the old code.`,
    constraints: ['Public names stay as they are.'],
    steps: [
      {
        ...{ title: `Write the asynchronous ${a.subject} beside the old one`, why: 'It replaces blocking calls' },
        files: [make(next), edit(a.test)],
        acceptance: [
          {
            text: `Both give equal answers for 200 recorded requests; public names are equal`,
            check: project.check(a.test),
          },
        ],
      },
      {
        ...{ title: `Move the ${b.subject} over`, why: 'It waits longest', depends_on: [1] },
        files: [edit(b.source), edit(b.test)],
        acceptance: [{ text: `No import of ${old} is left in the ${b.subject}`, check: project.check(b.test) }],
      },
      {
        ...{ title: `Move the ${c.subject} over`, why: 'It is the last caller', depends_on: [1] },
        files: [edit(c.source), edit(c.test)],
        acceptance: [{ text: `The ${c.subject} awaits each answer`, check: project.check(c.test) }],
      },
      {
        ...{ title: `Delete the old ${a.subject} code`, why: 'Nothing calls it', size: 'small', depends_on: [2, 3] },
        files: [remove(old), edit(a.test)],
        acceptance: [{ text: 'Searching for the old name finds nothing', check: project.check(a.test) }],
      },
    ],
  });
};

const limits: Feature = (project, at) => {
  const [a, b, c, d] = modulesFrom(project, at);
  return planOf({
    goal: `Requests above 1 MB to the ${a.subject} are refused with a clear message. Log each refusal with the caller's address. The ${c.subject} counts refusals per hour.`,
    constraints: ['Existing callers below the limit see no change.', `The ${d.subject} stays untouched.`],
    assumptions: [`The ${d.subject} reads no request bodies, so it stays untouched.`],
    rollout: ['Watch that existing callers below the limit get no refusal for a day.'],
    steps: [
      {
        ...{ title: `Refuse ${a.subject} requests above the size limit`, why: 'They exhaust memory' },
        files: [edit(a.source), edit(a.test)],
        acceptance: [
          { text: 'A body of 1 MB and one byte gets a message that names the limit', check: project.check(a.test) },
          { text: 'A body of exactly 1 MB passes', check: project.check(a.test) },
        ],
      },
      {
        ...{ title: 'Log refusals with the address of the caller', why: 'Abuse can be traced', size: 'small' },
        files: [edit(b.source), edit(b.test)],
        acceptance: [{ text: 'One line per refusal, with address and size', check: project.check(b.test) }],
      },
      {
        ...{ title: `Count refusals per hour in the ${c.subject}`, why: 'Trends show', depends_on: [1] },
        files: [edit(c.source), edit(c.test)],
        acceptance: [
          { text: 'Two refusals within the hour give 2; the next hour starts at 0', check: project.check(c.test) },
        ],
      },
    ],
  });
};

const cleanup: Feature = (project, at) => {
  const [a, b, c, d] = modulesFrom(project, at);
  return planOf({
    goal: `Speed up the ${a.subject}: its lookup is quadratic. Cache what the ${b.subject} computes, and drop the cache when the ${c.subject} is written.`,
    constraints: [],
    test_plan: [`${project.check(a.test)} before and after`],
    steps: [
      {
        ...{ title: `Measure ${a.subject} lookups`, why: 'To know that it is quadratic', size: 'small' },
        files: [edit(a.test)],
        acceptance: [{ text: 'The time for 1,000 and 10,000 entries is printed', check: project.check(a.test) }],
      },
      {
        ...{ title: `Make the ${a.subject} lookup linear, to speed it up`, why: 'Large customers wait 8 s' },
        files: [edit(a.source), edit(a.test)],
        acceptance: [{ text: 'Ten times the entries take at most 12 times as long' }],
      },
      {
        ...{ title: `Cache computed values of the ${b.subject}`, why: 'They seldom change', depends_on: [] },
        files: [edit(b.source), edit(b.test)],
        acceptance: [{ text: 'The second read computes nothing', check: project.check(b.test) }],
      },
      {
        ...{ title: `Drop the cache when the ${c.subject} is written`, why: 'Stale values mislead', depends_on: [3] },
        files: [edit(c.source), edit(c.test), edit(d.test)],
        acceptance: [{ text: `A read after a write sees the new ${c.subject}`, check: project.check(c.test) }],
      },
    ],
  });
};

const features = { retries, exportFeature, replacement, limits, cleanup };

const generated = projects.flatMap((project) =>
  Object.entries(features).map(([kind, feature], at): GoodPlan => {
    return { name: `${kind} in ${project.name}`, project, document: feature(project, at) };
  }),
);

const [shop, mailer, gateway, ledger, portal] = projects;

function byHand(name: string, project: FixtureProject | undefined, parts: Parts): GoodPlan {
  if (!project) throw new Error(`no project for ${name}`);
  return { name, project, document: planOf(parts) };
}

const handmade: readonly GoodPlan[] = [
  byHand('vouchers', shop, {
    goal: 'Customers can enter a voucher code in the cart.\n\nThe discount shows on the invoice as its own line. Expired vouchers are rejected with the date on which they ended.',
    constraints: ['Amounts are computed in integer cents.'],
    steps: [
      {
        ...{ title: 'Vouchers with code, discount and end date', why: 'The cart and the invoice both need them' },
        files: [make('src/vouchers/voucher.ts'), make('src/vouchers/find-voucher.ts'), make('tests/voucher.test.ts')],
        acceptance: [
          {
            text: 'An expired voucher is rejected, and the message holds its end date',
            check: 'npx vitest run tests/voucher.test.ts',
          },
          { text: 'Amounts are integer cents throughout; 10 % of 999 is 100' },
        ],
      },
      {
        ...{ title: 'Enter a code in the cart', why: 'That is where customers look for it' },
        files: [edit('src/cart/cart.ts'), edit('tests/cart.test.ts')],
        acceptance: [{ text: 'The total falls by the discount, never below 0' }],
      },
      {
        ...{ title: 'The discount as its own line of the invoice', why: 'Tax law asks for it', depends_on: [1] },
        files: [edit('src/billing/invoice.ts'), edit('tests/invoice.test.ts')],
        acceptance: [{ text: 'An invoice with a voucher of 5 EUR has a line of -5.00' }],
      },
    ],
  }),
  byHand('bounces', mailer, {
    goal: 'Stop sending to addresses that bounced three times. Support staff can unblock an address again.',
    constraints: ['The database schema is not changed.'],
    assumptions: ['Counters fit into the queue file, so the database schema is not changed.'],
    steps: [
      {
        ...{ title: 'Count bounces by address', why: 'Three strikes need a number' },
        files: [edit('mailer/bounces.py'), edit('tests/test_bounces.py')],
        acceptance: [
          { text: 'The counter of an address rises with hard bounces only', check: 'pytest tests/test_bounces.py' },
        ],
      },
      {
        ...{ title: 'Skip blocked addresses when sending', why: 'Reputation of our senders' },
        files: [edit('mailer/queue.py'), edit('tests/test_queue.py')],
        acceptance: [
          { text: 'After three bounces a message stays unsent and is logged', check: 'pytest tests/test_queue.py' },
        ],
      },
      {
        ...{ title: 'A command for support staff to unblock an address', why: 'Mailboxes get fixed', size: 'small' },
        files: [make('mailer/unblock.py'), make('tests/test_unblock.py'), edit('docs/usage.rst')],
        acceptance: [
          {
            text: '`mailer unblock a@b.c` prints the old count and sets it to 0',
            check: 'pytest tests/test_unblock.py',
          },
        ],
      },
    ],
  }),
  byHand('quotas', gateway, {
    goal: '1. Tenants have a monthly quota of requests.\n2. Responses carry the remaining quota in a header.\n3. Over quota, answer 429 with Retry-After.',
    constraints: [],
    steps: [
      {
        ...{ title: 'Monthly request quota of a tenant', why: 'Plans differ by volume' },
        files: [edit('internal/quota/quota.go'), edit('internal/quota/quota_test.go')],
        acceptance: [{ text: 'The count starts anew on the first of a month, UTC', check: 'go test ./internal/quota' }],
      },
      {
        ...{ title: 'Header with the remaining quota on responses', why: 'Clients can slow down by themselves' },
        files: [edit('internal/proxy/proxy.go'), edit('internal/proxy/proxy_test.go')],
        acceptance: [{ text: 'X-Quota-Remaining falls by one a request', check: 'go test ./internal/proxy' }],
      },
      {
        ...{
          title: 'Answer 429 with Retry-After when over quota',
          why: 'The protocol has a word for it',
          depends_on: [1],
        },
        files: [edit('internal/router/router.go'), edit('internal/router/router_test.go')],
        acceptance: [
          { text: 'Retry-After is the number of seconds to the next month', check: 'go test ./internal/router' },
        ],
      },
    ],
  }),
  byHand('currencies', ledger, {
    goal: 'Statements can be printed in a second currency. Rates come from a file that the user names.',
    constraints: ['No network access.'],
    approach: 'Rates are read from a local file only, so there is no network access.',
    steps: [
      {
        ...{ title: 'Read rates from a file that the user names', why: 'They change daily' },
        files: [make('src/rates.rs'), make('tests/rates.rs'), edit('Cargo.toml')],
        acceptance: [{ text: 'A rate with a comma is refused with its line number', check: 'cargo test --test rates' }],
      },
      {
        ...{ title: 'Convert balances', why: 'Both currencies stand side by side' },
        files: [edit('src/currency.rs'), edit('src/balance.rs'), edit('tests/currency.rs')],
        acceptance: [
          { text: 'Rounding is half to even; the sum of parts equals the total', check: 'cargo test --test currency' },
        ],
      },
      {
        ...{ title: 'Print the second currency on statements', why: 'The reason for all this', size: 'small' },
        files: [edit('src/statement.rs'), edit('tests/statement.rs')],
        acceptance: [
          { text: 'A statement in EUR and USD matches the stored sample', check: 'cargo test --test statement' },
        ],
      },
    ],
  }),
  byHand('avatars', portal, {
    goal: 'Users upload a picture of themselves; it is cropped to a square. Remove the gravatar fallback from the profile.',
    constraints: ['Uploads above 5 MB are refused.', 'Metadata such as GPS positions is stripped.'],
    steps: [
      {
        ...{ title: 'Users upload a picture as their avatar', why: 'They asked for it' },
        files: [
          edit('app/models/avatar.rb'),
          make('app/controllers/avatar_controller.rb'),
          edit('spec/models/avatar_spec.rb'),
        ],
        acceptance: [
          { text: 'An upload of 6 MB is refused with 413', check: 'bundle exec rspec spec/models/avatar_spec.rb' },
          { text: 'GPS positions and other metadata are stripped from the stored file' },
        ],
      },
      {
        ...{ title: 'Crop pictures to a square in the background', why: 'It takes seconds' },
        files: [edit('app/jobs/notice_job.rb'), make('app/jobs/crop_job.rb'), make('spec/jobs/crop_spec.rb')],
        acceptance: [
          { text: 'A picture of 400 x 300 becomes 300 x 300 around its centre', check: 'bundle exec rspec spec/jobs' },
        ],
      },
      {
        ...{ title: 'Profile without the gravatar fallback', why: 'It told a third party who visits', depends_on: [1] },
        files: [edit('app/models/profile.rb'), edit('spec/models/profile_spec.rb')],
        acceptance: [{ text: 'A profile without a picture shows initials; no request leaves for gravatar.com' }],
      },
    ],
  }),
];

export const goodPlans: readonly GoodPlan[] = [...generated, ...handmade];
