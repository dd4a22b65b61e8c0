/** Which files of a project are not delivered, and why. */

/** Hidden files that belong to a project; others may hold secrets, or are of one machine. */
const SHOWN: ReadonlySet<string> = new Set(['.gitignore', '.dockerignore', '.editorconfig', '.nvmrc', '.node-version', '.gitlab-ci.yml'])
const SECRET_NAMES: readonly RegExp[] = [
  /\.(pem|key|p12|pfx|jks|keystore|ppk|kdbx|tfstate|tfvars)$/i,
  /^id_(rsa|dsa|ed25519|ecdsa)(_sk)?$/i,
  /^(kubeconfig|credentials|credentials\.json|secrets?\.(json|ya?ml|toml|txt))$/i,
]
const BACKUP = /\.(dump|sqlite3?|rdb)$/i
/** Files of an environment; those of examples have placeholders. */
const ENVIRONMENT = /(^|\.)env(\.(?!example$|sample$|template$)|$)/i
/** A variable of an environment whose value is a secret, or an address with a password. */
const SECRET_VALUE =
  /^\s*(?:export\s+)?(?:\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS|KEYS?)\s*=\s*["']?[^\s"'$#<]|\w+\s*=\s*["']?\w+:\/\/[^\s:@/]*:[^\s@$]+@)/im
/** A key in the armour of PEM or PGP, or a private JSON Web Key. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|"kty"\s*:[^{}]*"d"\s*:\s*"[\w-]{40}|"d"\s*:\s*"[\w-]{40}[^{}]*"kty"\s*:/
/** Tokens of AWS, GitHub, GitLab, npm, Stripe and Slack, by their published prefixes. */
const TOKEN =
  /\b(?:AKIA(?!\w*EXAMPLE)[0-9A-Z]{16}|gh[pousr]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|npm_[A-Za-z0-9]{36}|[rs]k_live_\w{16}|xox[abprs]-[\w-]{10})/
/** An address such as `https://ada:password@example.com`. */
const ADDRESS_WITH_PASSWORD = /:\/\/[^\s/:@"]*:[^\s/@"]+@/
/** The digests of a hand-over have a file on each line. */
const UNLISTED = /[\p{Cc}\\]/u

/** Why a file is not delivered; null if it is. @param path in the project, with slashes. */
export function whyLeft(path: string, content: Uint8Array): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (UNLISTED.test(path)) return 'its path has a control character or a backslash'
  if (name.startsWith('.') && !SHOWN.has(name)) return 'hidden files may hold secrets'
  if (SECRET_NAMES.some((secret) => secret.test(name))) return 'its name is that of a secret'
  if (BACKUP.test(name)) return 'it has the data of a database'
  if (/\.(log|tgz)$/.test(name)) return 'it is made again'
  const text = Buffer.from(content).toString('latin1')
  return secretIn(text) ?? (ENVIRONMENT.test(name) && SECRET_VALUE.test(text) ? 'it gives a secret its value' : null)
}

/** Why a text is not delivered: it holds a key or a token. Null if it holds none that is known. */
function secretIn(text: string): string | null {
  if (PRIVATE_KEY.test(text)) return 'it holds a private key'
  return TOKEN.test(text) ? 'it holds an access token' : null
}

/** The same for a `package.json` or a lock file, in which addresses may have passwords, too. */
export function secretInPackages(text: string): string | null {
  return secretIn(text) ?? (ADDRESS_WITH_PASSWORD.test(text) ? 'it has an address with a password' : null)
}
