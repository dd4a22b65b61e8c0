/** A backend for tests: a design on a new database, with requests without a socket. */

import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { databasesOf, schemaHash } from '../../src/embed/databases.ts'
import { ownPackage } from '../../src/embed/own-package.ts'
import type { Model } from '../../src/model/model.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { migrate } from '../../src/postgres/migrate/migrate.ts'
import type { Hazard } from '../../src/postgres/migrate/migration-plan.ts'
import { type Backend, openBackend } from '../../src/server/backend.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readEncryptionKeys } from '../../src/services/encryption/keys.ts'
import { createIdentity } from '../../src/services/identity/create-identity.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { temporaryFiles } from '../../src/testing/files.ts'
import { newPem } from '../identity/instances.ts'
import { migratedDatabase } from './database.ts'
import { PATIENCE } from './patience.ts'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly json: any
}

export interface Asked {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestBackend {
  readonly model: Model
  readonly backend: Backend
  readonly databaseUrl: string
  /** Names and texts of the statements sent since the last `forgetStatements`, without those of events and reactions. */
  readonly statements: { readonly name: string; readonly text: string }[]
  /** The statements that look for events, and those of their reactions, which no request waits for. */
  readonly eventStatements: { readonly name: string; readonly text: string }[]
  ask(method: string, url: string, asked?: Asked): Promise<Answered>
  /** Runs SQL as the owner of the database, without access rules. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** A token of an existing user, like that of a login but without hashing a password. */
  tokenFor(userId: string): Promise<string>
}

/** The public address of the backends of tests. */
export const PUBLIC_URL = 'http://localhost:3000'
/** The names of statements that look for events, and of those of reactions. */
const OF_EVENTS = /^(?:events\.|reaction |mail[. ]|webhooks\.)/

/** Resolves an authored design. @throws Error with every finding when it has errors. */
export function modelFrom(design: unknown): Model {
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  if (model === null) throw new Error(diagnostics.map((d) => `${d.code} ${d.message}`).join('\n'))
  return model
}

/** Migrates a database to a model, as the commands do. */
export async function migrateTo(model: Model, url: string, allow: readonly Hazard[] = []): Promise<void> {
  const outcome = await migrate({ url, databases: databasesOf(model), version: ownPackage().version, run: 'apply', allow: new Set(allow) })
  if (outcome.kind !== 'applied' && outcome.kind !== 'current') throw new Error(`migration ${outcome.kind}`)
}

/** Runs functions at the end: a test, or a script. */
export type Ends = Pick<TestContext, 'after'>

/** The keys of encrypted fields, unless a test gives others. */
export const TEST_ENCRYPTION = readEncryptionKeys('ENCRYPTION_KEYS', `test:${randomBytes(32).toString('base64')}`)

/** Starts a backend that closes after the test, on a new database unless the options name a migrated one. */
export async function testBackend(t: Ends, model: Model, options: Partial<BackendOptions> = {}): Promise<TestBackend> {
  const database = options.databaseUrl === undefined ? await migratedDatabase(model) : { url: options.databaseUrl, drop: async () => {} }
  const statements: { name: string; text: string }[] = []
  const eventStatements: { name: string; text: string }[] = []
  const keys = options.keys ?? readKeys('AUTH_KEYS', newPem())
  const files = options.files === undefined ? await temporaryFiles(model) : { storage: options.files, remove: async () => {} }
  const backend = await openBackend({
    rateLimits: NO_RATE_LIMITS,
    files: files.storage,
    model,
    databaseUrl: database.url,
    keys,
    encryption: TEST_ENCRYPTION,
    mode: 'development',
    publicUrl: PUBLIC_URL,
    schemaHash: () => schemaHash(model),
    observe: () => {},
    patience: PATIENCE,
    onStatement: (name, text) => (OF_EVENTS.test(name) ? eventStatements : statements).push({ name, text }),
    ...options,
  })
  // A separate connection, whose statements are not in `statements`.
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(async () => {
    await backend.close()
    await executor.close()
    await database.drop()
    await files.remove()
  })
  return {
    model,
    backend,
    databaseUrl: database.url,
    statements,
    eventStatements,
    ask: asking(backend),
    async sql(text, values = []) {
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      try {
        return (await client.query(text, [...values])).rows
      } finally {
        await client.end()
      }
    },
    async tokenFor(userId) {
      const deps = { model, run: executor.run, keys, issuer: PUBLIC_URL, audience: PUBLIC_URL, now: Date.now, observe: () => {} }
      return (await createIdentity(deps).startSession(userId)).token
    },
  }
}

/** Sends requests to a backend without a socket. */
export function asking(backend: Backend): TestBackend['ask'] {
  return (method, url, asked = {}) => ask(backend, method, url, asked)
}

async function ask(backend: Backend, method: string, url: string, asked: Asked): Promise<Answered> {
  const headers: Record<string, string> = { ...asked.headers }
  if (asked.token !== undefined) headers.authorization = `Bearer ${asked.token}`
  const hasBody = asked.body !== undefined
  if (hasBody && headers['content-type'] === undefined) headers['content-type'] = 'application/json'
  const payload = typeof asked.body === 'string' || Buffer.isBuffer(asked.body) ? asked.body : JSON.stringify(asked.body)
  const response = await backend.app.inject({ method: method as 'GET', url, headers, ...(hasBody ? { payload } : {}) })
  const isJson = String(response.headers['content-type'] ?? '').includes('json')
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.payload,
    json: isJson && response.payload !== '' ? JSON.parse(response.payload) : undefined,
  }
}
