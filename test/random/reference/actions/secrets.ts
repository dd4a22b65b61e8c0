/** The secrets of token fields. In calls and expected answers a placeholder with the stored text stands for a secret. */

import type { PlainValue } from '../../../../src/verify/oracle/oracle-values.ts'

const PLACEHOLDER = /^secret of ([0-9a-f]{32})$/

/** The placeholder of the secret of a stored text. */
export function secretOf(stored: PlainValue): string {
  return `secret of ${stored}`
}

/** JSON with secrets in place of their placeholders. */
export function withSecrets(json: unknown, textOf: (stored: string) => string): unknown {
  if (typeof json === 'string') {
    const [, stored] = PLACEHOLDER.exec(json) ?? []
    return stored === undefined ? json : textOf(stored)
  }
  if (Array.isArray(json)) return json.map((item) => withSecrets(item, textOf))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withSecrets(value, textOf)]))
}
