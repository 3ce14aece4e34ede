import { describe, expect, it } from 'vitest';
import { isSecretPath } from '../../src/projects/secrets.ts';

const secret =
  `.env .env.local .env-prod .env_local .env1 .env~ .env.bak .envrc .envrc.local prod.env deploy/.ENV .Git/config
  .git/HEAD a/.ssh/known_hosts id_rsa keys/id_ed25519 id_rsa.bak server.pem tls.KEY app.p12 .npmrc .npmrc.bak .netrc
  .aws/credentials .kube/config kubeconfig .docker/config.json .config/gcloud/x.json .cargo/credentials.toml .m2/settings.xml
  .gem/credentials credentials.json service-account-prod.json terraform.tfstate prod.tfvars prod.tfvars.json auth.json
  nuget.config .pgpass secrets.yml config/master.key ．env .id_rsa.swp #.env# id_rsa_old id_rsa.bak2 k.pem.txt k.pem.1
  config/.env/prod .dev.vars secrets.local.yaml firebase-adminsdk-ab12.json gha-creds-1f.json .gradle/gradle.properties credentials
  .bash_history service_account.json service-account-prod.ts a/Service-Account-1.go a.ts/id_rsa`.split(/\s+/);

const open =
  `.env.example .env.sample .env.template .env.local.example environment.ts .environment src/env.ts id_rsa.pub
  keyboard.ts monkey.md .gitignore .github/workflows/ci.yml docs/secrets.md src/credentials.ts token.ts package.json
  .envoy.yaml key.ts secrets.test.ts secret.yaml openssl.1 history.ts src/service-worker.ts a.b/id_rsa.ts`.split(/\s+/);

describe('A path', () => {
  it('with a blank that is a copy is secret', () => {
    expect(isSecretPath('keys/id_rsa (copy)')).toBe(true);
  });

  it.each(secret)('%s is secret', (path) => {
    expect(isSecretPath(path)).toBe(true);
  });

  it.each(open)('%s is not', (path) => {
    expect(isSecretPath(path)).toBe(false);
  });
});
