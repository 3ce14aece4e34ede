import type { PathState, PlanFacts } from '../../src/plans/plan-facts.ts';
import { isSecretPath } from '../../src/projects/secrets.ts';
import { roleOf } from '../../src/search/files/file-role.ts';

/** One module of a fixture project: what it is about, its code and its test. */
export interface Module {
  subject: string;
  source: string;
  test: string;
}

export interface FixtureProject {
  name: string;
  check: (test: string) => string;
  extension: string;
  modules: readonly [Module, Module, Module, Module];
  /** Files besides: documents, settings, generated ones. */
  documents: string;
  manifest: string;
  generated: string;
}

export const projects: readonly FixtureProject[] = [
  {
    ...{ name: 'shop', extension: 'ts', check: (test) => `npx vitest run ${test}` },
    ...{ documents: 'docs/guide.md', manifest: 'package.json', generated: 'src/generated/schema.ts' },
    modules: [
      { subject: 'cart', source: 'src/cart/cart.ts', test: 'tests/cart.test.ts' },
      { subject: 'checkout', source: 'src/checkout/checkout.ts', test: 'tests/checkout.test.ts' },
      { subject: 'invoice', source: 'src/billing/invoice.ts', test: 'tests/invoice.test.ts' },
      { subject: 'stock', source: 'src/stock/levels.ts', test: 'tests/levels.test.ts' },
    ],
  },
  {
    ...{ name: 'mailer', extension: 'py', check: (test) => `pytest ${test}` },
    ...{ documents: 'docs/usage.rst', manifest: 'pyproject.toml', generated: 'mailer/vendor/bottle.py' },
    modules: [
      { subject: 'queue', source: 'mailer/queue.py', test: 'tests/test_queue.py' },
      { subject: 'template', source: 'mailer/templates.py', test: 'tests/test_templates.py' },
      { subject: 'bounce', source: 'mailer/bounces.py', test: 'tests/test_bounces.py' },
      { subject: 'signature', source: 'mailer/dkim.py', test: 'tests/test_dkim.py' },
    ],
  },
  {
    ...{ name: 'gateway', extension: 'go', check: (test) => `go test ./... -run ${test}` },
    ...{ documents: 'README.md', manifest: 'go.mod', generated: 'api/gateway.pb.go' },
    modules: [
      { subject: 'router', source: 'internal/router/router.go', test: 'internal/router/router_test.go' },
      { subject: 'session', source: 'internal/session/store.go', test: 'internal/session/store_test.go' },
      { subject: 'proxy', source: 'internal/proxy/proxy.go', test: 'internal/proxy/proxy_test.go' },
      { subject: 'quota', source: 'internal/quota/quota.go', test: 'internal/quota/quota_test.go' },
    ],
  },
  {
    ...{ name: 'ledger', extension: 'rs', check: (test) => `cargo test --test ${test}` },
    ...{ documents: 'docs/book/intro.md', manifest: 'Cargo.toml', generated: 'third_party/sha/sha.rs' },
    modules: [
      { subject: 'journal', source: 'src/journal.rs', test: 'tests/journal.rs' },
      { subject: 'balance', source: 'src/balance.rs', test: 'tests/balance.rs' },
      { subject: 'currency', source: 'src/currency.rs', test: 'tests/currency.rs' },
      { subject: 'statement', source: 'src/statement.rs', test: 'tests/statement.rs' },
    ],
  },
  {
    ...{ name: 'portal', extension: 'rb', check: (test) => `bundle exec rspec ${test}` },
    ...{ documents: 'docs/admin.md', manifest: 'Gemfile', generated: 'vendor/gems/rack.rb' },
    modules: [
      { subject: 'profile', source: 'app/models/profile.rb', test: 'spec/models/profile_spec.rb' },
      { subject: 'login', source: 'app/controllers/login_controller.rb', test: 'spec/controllers/login_spec.rb' },
      { subject: 'notice', source: 'app/jobs/notice_job.rb', test: 'spec/jobs/notice_spec.rb' },
      { subject: 'avatar', source: 'app/models/avatar.rb', test: 'spec/models/avatar_spec.rb' },
    ],
  },
];

/** The facts of a project that has these files and nothing else. */
export function factsOf({ modules, documents, manifest, generated }: FixtureProject): PlanFacts {
  const files = new Set([...modules.flatMap(({ source, test }) => [source, test]), documents, manifest, generated]);
  const folders = new Set([...files].flatMap(foldersOf));
  return {
    stateOf(path): PathState {
      if (path.startsWith('/') || path.split('/').includes('..')) return 'outside';
      if (isSecretPath(path)) return 'closed';
      return files.has(path) ? 'file' : folders.has(path) ? 'folder' : 'missing';
    },
    roleOf: (path) => roleOf(path),
    hasTests: true,
  };
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}
