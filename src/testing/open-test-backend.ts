/** Opens a backend with its own database, for one test. */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Design } from '../design/authoring/design.ts'
import { schemaHash } from '../embed/databases.ts'
import { integrationVariables } from '../embed/integration-variables.ts'
import { readModel } from '../embed/read-model.ts'
import { createDatabase, type TestDatabase } from '../embed/throwaway/databases.ts'
import { testServer } from '../embed/throwaway/server.ts'
import type { Model } from '../model/model.ts'
import { withClient } from '../postgres/connect.ts'
import { type Executor, openExecutor } from '../postgres/executor/execute.ts'
import { openBackend } from '../server/backend.ts'
import type { Observe } from '../server/http/observe.ts'
import { NO_RATE_LIMITS } from '../server/http/rate-limits.ts'
import { readEncryptionKeys } from '../services/encryption/keys.ts'
import { openFieldCipher } from '../services/encryption/sealed-fields.ts'
import { createIdentity } from '../services/identity/create-identity.ts'
import type { Identity } from '../services/identity/identity.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../services/identity/passwords/passwords.ts'
import { readKeys, type SigningKeys } from '../services/identity/tokens/keys.ts'
import { type KeptMail, openMailbox } from '../services/mail/mailbox.ts'
import { receiversOf } from '../services/webhooks/receivers.ts'
import { createAccount, startSession } from './accounts.ts'
import { type TestClient, testClientOf } from './client.ts'
import { openConnections } from './connections.ts'
import { type TemporaryFiles, temporaryFiles } from './files.ts'
import { type Inserting, insertRow, type TestRow, type TestValues } from './insert.ts'
import { recordingCalls } from './record-calls.ts'

/** The database and the settings of a test backend. */
export interface TestBackendOptions {
  /**
   * The address of a database on the server for tests; its role must be allowed to create databases. Tests create other databases on the
   * server and do not change this one. Unset or empty: an embedded PostgreSQL, with its data under `.plinth/testing/` of `folder`.
   */
  readonly databaseUrl?: string | undefined
  /** The project's folder. The default is the folder of the design file, or the current folder for a design that is a value. */
  readonly folder?: string | undefined
  /** `development` (the default): denials name the rule. `production`: answers are the same as with `plinth serve`. */
  readonly mode?: 'development' | 'production' | undefined
  /** The values of the environment variables that the integrations and the signed endpoints of the design name; none unless given. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /**
   * The address by which others reach this backend, when `app.listen` opens a port: the issuer and the audience of its tokens.
   * `http://localhost:3000` unless given.
   */
  readonly publicUrl?: string | undefined
  /** Networks that webhooks may reach although they are not public, such as `127.0.0.1` for a server of the test; none unless given. */
  readonly outgoingNetworks?: string | undefined
  /**
   * Another backend of the test, of the same design: this one is a second instance on its database, with its files, accounts and public
   * address. Close it before that one.
   */
  readonly beside?: TestBackend | undefined
  /** Makes the ids of new rows; UUIDv7 unless given. */
  readonly newId?: (() => string) | undefined
  /** Called with each request, failure and defect of the server. */
  readonly observe?: Observe | undefined
}

/** An account of the design's identity entity, and a client that sends its access token. */
export interface SignedInClient extends TestClient {
  readonly id: TestRow['id']
  /** The row of the account at the time of signing in. */
  readonly user: TestRow
  readonly token: string
  readonly refreshToken: string
  /** The password, for requests to `/api/auth/login`. */
  readonly password: string
}

/** A running test backend. `Name`: the names of the design's entities. */
export interface TestBackend<Name extends string = string> extends AsyncDisposable {
  /** A client without a token. */
  readonly anonymous: TestClient
  /**
   * Creates an account without checking the access rules, and signs it in. `values` are as for `insert`; missing required fields get sample
   * values.
   */
  signIn(values?: TestValues): Promise<SignedInClient>
  /** Signs in an existing account, by its id or its row. */
  clientFor(account: { readonly id: unknown } | string | number): Promise<TestClient & { readonly token: string }>
  /** Inserts a row without checking the access rules. Missing required fields get sample values. */
  insert(entity: Name, values?: TestValues): Promise<TestRow>
  /** Runs SQL as the owner of the database; `values` fill `$1`, `$2`, …. Returns the rows. */
  sql<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** The mails that this backend has sent, the oldest first; at most the last 200. */
  mails(): readonly TestMail[]
  /** For other ways to send requests: `app.inject`, or `app.listen` for a client that needs a port. */
  readonly app: FastifyInstance
  readonly databaseUrl: string
  /** Closes every connection and drops the database. A second call does nothing. */
  close(): Promise<void>
}

/** A mail of a test backend. Nobody gets it. */
export interface TestMail {
  /** The address. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Attached files, and images of the HTML. */
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly content: Uint8Array }[]
}

/** The names of a design's entities; `string` for a design that is read from a file. */
export type EntityName<D> = D extends { readonly entities: infer E } ? AnyTextIfNone<Extract<keyof Declared<E>, string>> : string

/** The named properties of a type, without its index signature. */
type Declared<E> = { readonly [K in keyof E as string extends K ? never : K]: E[K] }
type AnyTextIfNone<N extends string> = [N] extends [never] ? string : N

/**
 * Starts a backend on a new, empty database. The first call for a design in a process makes its tables; later calls copy them.
 *
 * @param design what `backend({ … })` returns, or the path or URL of a design file.
 * @throws DesignError when the design has errors; EnvironmentError when the server cannot be used.
 */
export async function openTestBackend<const D extends Design | string | URL>(
  design: D,
  options: TestBackendOptions = {},
): Promise<TestBackend<EntityName<D>>> {
  const { model, folder } = await readModel(design)
  if (options.beside !== undefined) return start(model, shared(options.beside), options)
  const given = options.databaseUrl
  const server = await testServer({
    databaseUrl: given === undefined || given === '' ? null : given,
    folder: options.folder ?? folder,
  })
  const publicUrl = options.publicUrl?.replace(/\/$/, '') ?? PUBLIC_URL
  const database = await createDatabase(server, model)
  try {
    return await start(model, { database, files: await temporaryFiles(model), publicUrl }, options)
  } catch (error) {
    await database.drop()
    throw error
  }
}

/** Where the rows and files of a backend are, and its address. */
interface Place {
  readonly publicUrl: string
  readonly database: TestDatabase
  readonly files: TemporaryFiles
}

const places = new WeakMap<TestBackend, Place>()

/** The place of another backend, which that one removes. @throws Error for a backend of something else than `openTestBackend` */
function shared(beside: TestBackend): Place {
  const place = places.get(beside)
  if (place === undefined) throw new Error('beside takes what openTestBackend returns, before it is closed')
  return { ...place, database: { url: place.database.url, drop: async () => {} }, files: place.files.share() }
}

/**
 * Opens a test backend, passes it to `work` and closes it, even after an error. @throws as `openTestBackend`, and every error of `work`.
 */
export async function withTestBackend<const D extends Design | string | URL, T>(
  design: D,
  work: (backend: TestBackend<EntityName<D>>) => Promise<T>,
  options: TestBackendOptions = {},
): Promise<T> {
  const backend = await openTestBackend(design, options)
  try {
    return await work(backend)
  } finally {
    await backend.close()
  }
}

/** The address in links and tokens, unless another is given. No server listens there. */
const PUBLIC_URL = 'http://localhost:3000'

/** A test rarely sends more requests at once, and many tests share the few connections of a server. */
const CONNECTIONS = 4

let keys: SigningKeys | null = null

/** The signing keys of this process. They are new, so no other backend accepts their tokens. */
function testKeys(): SigningKeys {
  keys ??= readKeys('the keys of tests', String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })))
  return keys
}

async function start(model: Model, place: Place, options: TestBackendOptions): Promise<TestBackend> {
  const { database, files, publicUrl } = place
  const observe = recordingCalls(options.observe ?? (() => {}))
  const signing = testKeys()
  const encryption = readEncryptionKeys('the keys of tests', `tests:${randomBytes(32).toString('base64')}`)
  const variables = options.variables ?? {}
  const mailbox = openMailbox(Date.now)
  const backend = await openBackend({
    rateLimits: NO_RATE_LIMITS,
    files: files.storage,
    model,
    databaseUrl: database.url,
    schemaHash: () => schemaHash(model),
    keys: signing,
    encryption,
    mode: options.mode ?? 'development',
    publicUrl,
    connections: CONNECTIONS,
    variables: integrationVariables(model, { env: variables, mode: 'development' }),
    receivers: receiversOf(model, { networks: options.outgoingNetworks ?? null, variables }, { mode: 'development' }),
    mailbox,
    observe,
    ...(options.newId === undefined ? {} : { newId: options.newId }),
  })
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 10_000 })
  const identity = model.identity === null ? null : identityOn(executor, model, { keys: signing, publicUrl })
  const storing = files.storage === null ? null : { run: executor.run, storage: files.storage }
  const connect = openConnections(database.url, CONNECTIONS)
  let n = 0
  const inserting: Inserting = {
    model,
    connect,
    next: () => ++n,
    hashPassword: hashOnce,
    files: storing,
    cipher: openFieldCipher(model, encryption),
  }
  let closed: Promise<void> | null = null
  const close = async (): Promise<void> => {
    places.delete(opened)
    await Promise.all([backend.close(), executor.close()])
    await database.drop()
    await files.remove()
  }
  const closeOnce = (): Promise<void> => {
    closed ??= close()
    return closed
  }
  const opened: TestBackend = {
    anonymous: testClientOf(backend.app, null),
    async signIn(values = {}) {
      const { row, password, session } = await createAccount(inserting, identity, values)
      const { token, refreshToken } = session
      return { ...testClientOf(backend.app, token, model.identity?.token.scheme), id: row.id, user: row, token, refreshToken, password }
    },
    async clientFor(account) {
      const { token } = await startSession(identity, typeof account === 'object' ? account.id : account)
      return { ...testClientOf(backend.app, token, model.identity?.token.scheme), token }
    },
    insert: (entity, values = {}) => insertRow(inserting, entity, values),
    sql: (text, values = []) => withClient(database.url, async (client) => (await client.query(text, [...values])).rows),
    mails: () => mailbox.all().toReversed().map(mailOf),
    app: backend.app,
    databaseUrl: database.url,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  }
  places.set(opened, place)
  return opened
}

function mailOf({ to, subject, text, html, attachments }: KeptMail): TestMail {
  return { to, subject, text, html, attachments: attachments.map(({ name, type, content }) => ({ name, type, content })) }
}

function identityOn(
  { run }: Executor,
  model: Model,
  { keys, publicUrl }: { readonly keys: SigningKeys; readonly publicUrl: string },
): Identity {
  return createIdentity({ model, run, keys, issuer: publicUrl, audience: publicUrl, now: Date.now, observe: () => {} })
}

const hashes = new Map<string, Promise<string>>()
const passwords = openPasswords(DEFAULT_PASSWORD_OPTIONS)

/** Hashes each password only once, because a hash takes tens of milliseconds. */
function hashOnce(password: string): Promise<string> {
  const known = hashes.get(password) ?? passwords.hash(password)
  hashes.set(password, known)
  return known
}
