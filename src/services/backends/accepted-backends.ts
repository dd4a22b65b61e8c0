/** The other backends that may send requests: whose token a request has, and who its caller is then. */

import type { Caller } from '../../model/caller.ts'
import { claimOf } from '../../model/caller.ts'
import type { AcceptedBackend } from '../../model/http/accepted-backend.ts'
import { readCanonicalToken } from '../identity/tokens/canonical-token.ts'
import { SERVICE_TOKEN_TYPE } from '../identity/tokens/service-tokens.ts'
import type { PublicKeys } from './fetch-keys.ts'
import { type KeySet, openKeySet } from './key-set.ts'
import type { BackendObservation } from './observation.ts'
import { refusedToken, verifyServiceToken } from './verify-token.ts'

/** The other backends, until they are closed. */
export interface AcceptedBackends {
  /** Whether a text is a token of another backend, by its type; it may still be wrong. */
  readonly isToken: (token: string) => boolean
  /**
   * The caller of a request with such a token: another backend with its role, or an account of this one.
   *
   * @throws Failure `invalid_token` for every defect.
   */
  readonly authenticate: (token: string) => Promise<Caller>
  readonly close: () => void
}

/** What the check of tokens needs. */
export interface AcceptedBackendsOptions {
  readonly backends: readonly AcceptedBackend[]
  /** The values of the environment variables that the design names. A backend without its issuer is not accepted. */
  readonly variables: ReadonlyMap<string, string>
  /** The public address of this backend. */
  readonly audience: string
  /** The account whose field has this value; null for none. */
  readonly accountBy: (field: string, value: string) => Promise<Caller | null>
  readonly observe: (observation: BackendObservation) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Loads the keys of an issuer; over HTTP unless given. */
  readonly load?: (issuer: string) => Promise<PublicKeys>
  /** Milliseconds of a clock that never goes back; those of the process unless given. */
  readonly elapsed?: () => number
}

interface Accepted {
  readonly backend: AcceptedBackend
  readonly keys: KeySet
}

/** Opens the other backends and begins to load their keys; null for a design without any. */
export function openAcceptedBackends(options: AcceptedBackendsOptions): AcceptedBackends | null {
  if (options.backends.length === 0) return null
  const { load = loadByHttp, elapsed = () => performance.now(), observe, audience } = options
  const accepted = new Map<string, Accepted>()
  for (const backend of options.backends) {
    const issuer = issuerText(backend, options.variables)
    if (issuer === null) continue
    const keys = openKeySet({ backend: backend.name, load: () => load(issuer), observe, now: elapsed })
    accepted.set(issuer, { backend, keys })
  }
  return {
    isToken: (token) => readCanonicalToken(token)?.typ === SERVICE_TOKEN_TYPE,
    async authenticate(token) {
      const read = readCanonicalToken(token)
      if (read?.typ !== SERVICE_TOKEN_TYPE) throw refusedToken('it is no token of a backend')
      const issuer = read.payload.iss
      const known = typeof issuer === 'string' ? accepted.get(issuer) : undefined
      if (known === undefined || typeof issuer !== 'string') throw refusedToken('its issuer is not accepted')
      const key = await known.keys.keyOf(read.kid)
      if (key === null) throw refusedToken(`${known.backend.name} has no such key, or its keys are not known yet`)
      const subject = await verifyServiceToken(token, { key, issuer, audience, now: options.now() })
      return subject.kind === 'system' ? systemOf(known.backend) : accountOf(known.backend, subject.id, options)
    },
    close() {
      for (const { keys } of accepted.values()) keys.close()
    },
  }
}

async function loadByHttp(issuer: string): Promise<PublicKeys> {
  const { fetchKeys } = await import('./fetch-keys.ts')
  return fetchKeys(issuer)
}

/** The public address of a backend, without a slash at the end; null if its variable is not set. */
function issuerText({ issuer }: AcceptedBackend, variables: ReadonlyMap<string, string>): string | null {
  const text = issuer.kind === 'stated' ? issuer.value : variables.get(issuer.name)
  return text?.replace(/\/$/, '') ?? null
}

function systemOf({ name, role }: AcceptedBackend): Caller {
  if (role === null) throw refusedToken(`${name} may send no requests for itself`)
  return { claims: new Map([['role', role]]), session: null, backend: name }
}

async function accountOf({ name, accounts }: AcceptedBackend, id: string, { accountBy }: AcceptedBackendsOptions): Promise<Caller> {
  if (accounts === null) throw refusedToken(`${name} may send no requests for accounts`)
  const account = await accountBy(accounts.field, id)
  if (account === null) throw refusedToken(`${name} sends a request for an account that does not exist`)
  const role = claimOf(account, 'role')
  if (accounts.roles !== null && !accounts.roles.some((one) => one === role))
    throw refusedToken(`${name} may send no requests for accounts with this role`)
  return account
}
