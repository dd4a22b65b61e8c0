/** A stage for verify in the process of a test: a backend without a socket, which may serve another model than that of its design. */

import type { Model } from '../../src/model/model.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import type { SentRequest, Stage } from '../../src/verify/run/stage.ts'
import { CHEAP, newPem } from '../identity/instances.ts'
import { type Ends, PUBLIC_URL, testBackend } from '../support/backend.ts'

/** Serves a model on a new database. It closes after the test. */
export async function stageFor(t: Ends, served: Model, options: Partial<BackendOptions> = {}): Promise<Stage> {
  const defects: string[] = []
  const pem = newPem()
  const backend = await testBackend(t, served, {
    keys: readKeys('AUTH_KEYS', pem),
    hashCost: CHEAP,
    work: 'elsewhere',
    ...options,
    mode: 'production',
    observe: (seen) => {
      if (seen.kind === 'defect') defects.push(String(seen.error))
    },
  })
  return {
    ask: ({ method, url, token, ...rest }) => {
      const scheme = served.identity?.token.scheme ?? 'Bearer'
      const headers = { ...rest.headers, ...(token === null ? {} : { authorization: `${scheme} ${token}` }) }
      return backend.ask(method, url, { body: rest.body, headers })
    },
    others: [],
    signing: options.keys === undefined && served.identity !== null ? { pem, issuer: PUBLIC_URL, audience: PUBLIC_URL } : null,
    databaseUrl: backend.databaseUrl,
    tokenFor: (account) => backend.tokenFor(account),
    takeDefects: () => defects.splice(0),
  }
}

/** A backend, and another one on the same database that serves a model with a defect. */
export interface Faulty {
  readonly model: Model
  readonly faulty: Model
  /** The requests that the defective backend answers. */
  readonly where: (asked: SentRequest) => boolean
}

/** Serves two models on one database, so that a defect can be behind one door only. */
export async function stageWithFault(t: Ends, { model, faulty, where }: Faulty): Promise<Stage> {
  const keys = readKeys('AUTH_KEYS', newPem())
  const good = await stageFor(t, model, { keys })
  const bad = await stageFor(t, faulty, { keys, databaseUrl: good.databaseUrl })
  return { ...good, ask: (asked) => (where(asked) ? bad : good).ask(asked) }
}

/** Two instances on one database, with the keys that they sign with. */
export async function stageOfTwo(t: Ends, model: Model, options: Partial<BackendOptions> = {}): Promise<Stage> {
  const pem = newPem()
  const keys = readKeys('AUTH_KEYS', pem)
  const first = await stageFor(t, model, { ...options, keys })
  const second = await stageFor(t, model, { ...options, keys, databaseUrl: first.databaseUrl })
  return {
    ...first,
    others: [second.ask],
    signing: model.identity === null ? null : { pem, issuer: PUBLIC_URL, audience: PUBLIC_URL },
    takeDefects: () => [...first.takeDefects(), ...second.takeDefects()],
  }
}
