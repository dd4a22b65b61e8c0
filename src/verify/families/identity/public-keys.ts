/** The published keys: what other services need to check tokens, and nothing with which one could sign. */

import { askOnce, type ProbeCase } from '../../cases/probe.ts'

const KEYS_PATH = '/.well-known/jwks.json'
/** Members of public keys (RFC 7517, RFC 7518 section 6, RFC 8037). `d`, `p`, `q`, `k` and their like are of private and secret ones. */
const PUBLIC: readonly string[] = 'kty use key_ops alg kid x5u x5c x5t x5t#S256 crv x y n e'.split(' ')

/** The probe that reads them. */
export function publicKeysProbe(claim: string): ProbeCase {
  return {
    name: `${claim}/public-keys/jwks`,
    claim,
    door: 'jwks',
    user: null,
    goals: ['public-keys'],
    atoms: {},
    ask: (tools) =>
      askOnce(
        tools,
        { method: 'GET', url: KEYS_PATH, token: null },
        { statuses: [200], why: 'RFC 7517: only public keys are published', check: ({ json }) => keysMismatch(json) },
      ),
  }
}

function keysMismatch(json: unknown): string | null {
  const { keys, ...others } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (!Array.isArray(keys) || keys.length === 0) return 'there are no keys'
  const [other] = Object.keys(others)
  if (other !== undefined) return `the set has the member ${other}`
  const stray = keys.flatMap((key: object) => Object.keys(key)).find((name) => !PUBLIC.includes(name))
  return stray === undefined ? null : `a key has the member ${stray}, which no public key has`
}
