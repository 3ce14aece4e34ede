/**
 * Files that hold credentials by convention. They are named in listings but never opened, whatever the ignore rules
 * of a project say. The list follows what git-secrets, gitleaks and the cloud vendors' own documents name.
 */

const secretNames = new Set(
  `.netrc _netrc .pgpass .my.cnf .mylogin.cnf .htpasswd .git-credentials .vault-token .npmrc .yarnrc.yml .pypirc
   .dockercfg .boto .s3cfg .rediscli_auth .terraformrc terraform.rc .sentryclirc credentials credentials.json
   application_default_credentials.json client_secret.json service-account.json serviceaccount.json
   terraform.tfstate terraform.tfstate.backup secrets.yml secrets.yaml secrets.json secrets.toml
   auth.json nuget.config .yarnrc kubeconfig .kubeconfig kubeconfig.yaml kubeconfig.yml master.key
   .dev.vars .flaskenv .secrets secret.json secrets.env.json serviceaccountkey.json service_account.json .dockerconfigjson
   credentials.tfrc.json credentials.csv .databrickscfg rclone.conf .vault_pass local.settings.json htpasswd wg0.conf
   .bash_history .zsh_history .psql_history .mysql_history .python_history .node_repl_history id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk`.split(
    /\s+/,
  ),
);

const secretExtensions = new Set(
  'pem key p12 pfx pkcs12 jks keystore kdb kdbx ppk asc gpg ovpn tfvars mobileprovision p8'.split(' '),
);

/** Folders whose whole content is refused: version control's own data, and the homes of keys and cloud credentials. */
const secretFolders = new Set('.git .hg .svn .ssh .gnupg .env .aws .azure .kube .docker .password-store'.split(' '));

/** Beginnings of paths at any depth. */
const secretPaths =
  '.config/gcloud/ .config/gh/ .config/op/ .cargo/credentials .gem/credentials .m2/settings .gradle/gradle.properties .snowsql/config'.split(
    ' ',
  );

/** Example files are written to be read. */
const exampleEnv = /^\.env(\.[\w-]+)*\.(example|sample|template|dist|defaults|schema)$/;

/** Names that differ from project to project. */
const secretPattern =
  /^service-account-|^secrets\.[\w.-]+\.(ya?ml|json|toml)$|(firebase-adminsdk|gha-creds)-[\w-]*\.json$/;

/**
 * Whether a path (POSIX, relative to the project's root) names a file that may hold credentials. Compared without
 * case and in Unicode's compatibility form, so that `.ENV` on a case-insensitive volume is refused everywhere
 * (the class of CVE-2025-59944).
 */
export function isSecretPath(path: string): boolean {
  if (isPlain(path)) return !isSource(path) && isSecretName(baseName(nameOf(path).toLowerCase()));
  const folded = path.normalize('NFKC').toLowerCase();
  const segments = folded.split('/').map((segment) => withoutDots(segment) || segment);
  return (
    segments.some((segment) => secretFolders.has(segment)) ||
    secretPaths.some((path) => `/${folded}`.includes(`/${path}`)) ||
    isSecretName(withoutBackupSuffix(segments.at(-1) ?? ''))
  );
}

/** Most paths: of ASCII, and with no part that begins with a dot, as all secret folders do. Only its name may be secret. */
function isPlain(path: string): boolean {
  return !path.startsWith('.') && !path.includes('/.') && !notAscii.test(path);
}

const notAscii = /[\u0080-\uffff]/;

/** Extensions of plain names that none of the rules below is about, but for the first alternative of `secretPattern`. */
const sourceExtensions = new Set(
  `adoc bash bat bazel c cc cjs clj cmake cpp cs css cts dart dts dtsi erl ex exs fs go graphql groovy h hh hpp hs html ipynb
   java jl js jsx kt less lua m md mdx mjs ml mm mts php pl png proto py r rb rs rst s S scala scss sh sql svelte svg
   swift ts tsx vue wat zig`.split(/\s+/),
);

function isSource(path: string): boolean {
  return sourceExtensions.has(path.slice(path.lastIndexOf('.') + 1)) && !/(^|\/)service-/i.test(path);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function baseName(name: string): string {
  return withoutBackupSuffix(withoutDots(name) || name);
}

/** Windows drops them. */
function withoutDots(name: string): string {
  return name.endsWith('.') || name.endsWith(' ') ? name.replace(/[ .]+$/, '') : name;
}

/** Editors and people leave copies behind: `id_rsa.bak`, `.env~`, `#.env#`, `server.pem.1`. */
function withoutBackupSuffix(name: string): string {
  const bare = name.startsWith('#') && name.endsWith('#') ? name.slice(1, -1) : name;
  return bare.replace(/(~|[._]((bak|backup|old|orig|save|swp|swo|tmp|copy|txt)\d{0,3}|\d{1,3})| \(copy\))+$/, '');
}

function isSecretName(name: string): boolean {
  if (secretNames.has(name) || (name.startsWith('.') && secretNames.has(name.slice(1)))) return true;
  if (/^\.env(rc)?([^a-z]|$)/.test(name)) return !exampleEnv.test(name);
  if (name.endsWith('.env') || name.endsWith('.tfvars.json') || secretPattern.test(name)) return true;
  const dot = name.lastIndexOf('.');
  return dot >= 0 && secretExtensions.has(name.slice(dot + 1));
}
