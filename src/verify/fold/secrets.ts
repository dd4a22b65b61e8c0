/** The secrets of token fields. In calls and expected answers a placeholder with the stored text stands for a secret. */

import type { PlainValue } from '../oracle/oracle-values.ts'

const PLACEHOLDER = /^secret of ([0-9a-f]{32})$/

/** The placeholder of the secret of a stored text. */
export function secretOf(stored: PlainValue): string {
  return `secret of ${stored}`
}

/** The placeholder of the access token of a new session of an account; of null, of the token of the request. */
export function sessionTokenOf(account: PlainValue): string {
  return account === null ? TOKEN_OF_REQUEST : `token of ${account}`
}

/** The placeholder of the access token of the request. */
const TOKEN_OF_REQUEST = 'token of the request'

/** Whether a value is an access token of the account of a placeholder. */
export function isTokenOf(placeholder: string, value: unknown): boolean {
  const [, claims = '', signature] = typeof value === 'string' ? value.split('.') : []
  return signature !== undefined && `token of ${JSON.parse(Buffer.from(claims, 'base64url').toString()).sub}` === placeholder
}

/** Gives secrets: of a stored text, and the access token of the request, null for none. */
export interface Secrets {
  readonly textOf: (stored: string) => string
  readonly token: string | null
}

/** JSON with secrets in place of their placeholders. Tokens of new sessions are not known. */
export function withSecrets(json: unknown, secrets: Secrets): unknown {
  if (json === TOKEN_OF_REQUEST) return secrets.token
  if (typeof json === 'string') {
    const [, stored] = PLACEHOLDER.exec(json) ?? []
    return stored === undefined ? json : secrets.textOf(stored)
  }
  if (Array.isArray(json)) return json.map((item) => withSecrets(item, secrets))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withSecrets(value, secrets)]))
}
