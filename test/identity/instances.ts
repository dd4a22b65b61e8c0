/** Several identity services over one database, each with its own clock, like backends behind a load balancer. */

import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import type { Run, Values } from '../../src/base/sql/statement.ts'
import type { Claim } from '../../src/model/caller.ts'
import { claimOf } from '../../src/model/caller.ts'
import { SYSTEM_SCHEMA } from '../../src/model/database.ts'
import { ALWAYS, NEVER } from '../../src/model/expression.ts'
import type { FieldType, ScalarType } from '../../src/model/field-type.ts'
import type { Field, Model } from '../../src/model/model.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { createIndex, createTable, quoted } from '../../src/postgres/schema/ddl.ts'
import { authenticate } from '../../src/server/http/caller/authenticate.ts'
import { createIdentity } from '../../src/services/identity/create-identity.ts'
import type { Identity } from '../../src/services/identity/identity.ts'
import type { IdentityObservation } from '../../src/services/identity/login/observation.ts'
import type { HashCost } from '../../src/services/identity/passwords/phc.ts'
import { identityService } from '../../src/services/identity/service.ts'
import { identityTables } from '../../src/services/identity/tables.ts'
import { readKeys, type SigningKeys } from '../../src/services/identity/tokens/keys.ts'
import { testDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'

/** Cheap hashes, for tests that do not test the cost. */
export const CHEAP: HashCost = { memory: 8, passes: 1, lanes: 1 }

export const START = Date.UTC(2030, 0, 1)

/** A design with a user that has every kind of claim. Logins are email addresses, or names in the second design. */
export interface TestDesign {
  readonly login: 'email' | 'text'
  readonly id: 'uuid' | 'integer' | 'text'
}

/** The identity part of the blog in the documentation. */
export const BLOG: TestDesign = { login: 'email', id: 'uuid' }

function scalar(kind: ScalarKind): ScalarType {
  return { kind: 'scalar', scalar: kind, min: null, max: null, pattern: null, precision: null }
}

function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  const plain = {
    description: null,
    optional: false,
    default: null,
    immutable: false,
    read: ALWAYS,
    write: ALWAYS,
    writeSource: null,
    private: false,
    was: null,
    system: null,
  }
  return { ...plain, name, column: name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), type, ...more }
}

const CLAIMS: readonly Claim[] = [
  { name: 'role', field: 'role', scalar: 'text' },
  { name: 'level', field: 'level', scalar: 'integer' },
  { name: 'rating', field: 'rating', scalar: 'number' },
  { name: 'credit', field: 'credit', scalar: 'decimal' },
  { name: 'trusted', field: 'trusted', scalar: 'boolean' },
  { name: 'until', field: 'until', scalar: 'timestamp' },
]

/** The model of a design with an entity `User` that signs in and is deleted softly. */
export function modelOf(design: TestDesign): Model {
  const fields: readonly Field[] = [
    field('id', scalar(design.id), { system: 'id' }),
    field('login', scalar(design.login)),
    field('password', { kind: 'password', min: 8, max: 256, pattern: null }, { optional: true, read: NEVER }),
    field('role', { kind: 'choice', values: ['user', 'admin'] }),
    field('level', scalar('integer'), { optional: true }),
    field('rating', scalar('number'), { optional: true }),
    field('credit', { ...scalar('decimal'), precision: { digits: 12, scale: 2 } }, { optional: true }),
    field('trusted', scalar('boolean'), { optional: true }),
    field('until', scalar('timestamp'), { optional: true }),
    field('deletedAt', scalar('timestamp'), { optional: true, system: 'deletedAt' }),
  ]
  return {
    name: 'gardening',
    description: null,
    mail: null,
    webhooks: [],
    broker: null,
    httpServices: [],
    acceptedBackends: [],
    entities: [
      {
        name: 'User',
        description: null,
        path: 'users',
        // A name that must be quoted, with a quote in it.
        table: 'garden "users"',
        fields,
        relations: [],
        access: {
          read: ALWAYS,
          create: ALWAYS,
          update: { from: ALWAYS, to: ALWAYS },
          delete: ALWAYS,
          source: { read: null, create: null, update: null, delete: null },
        },
        indexes: [],
        derived: [],
        relationChecks: [],
        hooks: [],
        conditionalUniques: [],
        uniques: [{ fields: ['login'], blame: 'login', named: null }],
        checks: [],
        search: null,
        softDelete: true,
        was: null,
      },
    ],
    identity: {
      entity: 'User',
      login: 'login',
      password: 'password',
      role: 'role',
      takenLogin: 'conflict',
      token: { scheme: 'Bearer', lastsSeconds: 900, cookie: null },
    },
    claims: [{ name: 'id', field: 'id', scalar: design.id }, ...CLAIMS],
    actions: [],
    codes: [],
    errors: null,
    failurePage: null,
    workflows: [],
    jobs: [],
    schedules: [],
    shapes: [],
    routes: null,
    contract: null,
    events: [],
    pending: [],
    served: { rest: '/api', graphql: true },
    targets: { rows: new Map(), p99Ms: null, throughput: null },
    requirements: [],
    scenarios: [],
  }
}

export interface Instance {
  readonly identity: Identity
  /** Deletes some rows that have expired by its clock; returns their number. */
  readonly sweep: () => Promise<number>
  readonly clock: { now: number }
  readonly observations: IdentityObservation[]
  /** Sets work that runs before the next statement of this name is sent. */
  readonly before: Map<string, () => Promise<void>>
  /** The number of rows of each call of a statement, by name. */
  readonly rowsOf: Map<string, number[]>
}

export interface InstanceOptions {
  readonly design?: TestDesign
  readonly keys?: SigningKeys
  readonly cost?: HashCost
  readonly running?: number
  readonly clock?: { now: number }
}

export interface Garden {
  readonly url: string
  /** Runs a statement of the test itself. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>
  readonly instance: (options?: InstanceOptions) => Instance
  /** Adds a user; returns the id. */
  readonly addUser: (login: string, password: string | null) => Promise<string>
  readonly close: () => Promise<void>
}

export function newPem(): string {
  return String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
}

/** A database with Plinth's tables and an empty table of users. */
export async function openGarden(design: TestDesign = BLOG): Promise<Garden> {
  const database = await testDatabase()
  // The role of the embedded server is named plinth. Without this setting, an unqualified table would be created in the schema of that
  // name.
  const own = new pg.Pool({ connectionString: database.url, max: 2, options: '-c search_path=public' })
  // A connection that is closing may still hear that its database is dropped.
  own.on('error', () => {})
  const closing: (() => Promise<void>)[] = []
  const keys = readKeys('AUTH_KEYS', newPem())
  await own.query(`create schema ${quoted(SYSTEM_SCHEMA)}`)
  for (const table of identityTables) {
    await own.query(createTable(SYSTEM_SCHEMA, table))
    for (const index of table.indexes) await own.query(createIndex({ schema: SYSTEM_SCHEMA, table: table.name, how: 'at-once' }, index))
  }
  const idType = {
    uuid: 'uuid default gen_random_uuid()',
    integer: 'bigint generated by default as identity',
    text: 'text default md5(random()::text)',
  }[design.id]
  await own.query(
    `create table "garden ""users""" (id ${idType} primary key, login text unique, password text, role text not null default 'user', level bigint,
     rating double precision, credit numeric(12,2), trusted boolean, until timestamptz(3), deleted_at timestamptz(3))`,
  )
  const hasher = instanceOver(database.url, { design, keys }, closing).identity
  return {
    url: database.url,
    query: async (text, values = []) => (await own.query(text, [...values])).rows,
    instance: (options = {}) => instanceOver(database.url, { design, keys, ...options }, closing),
    addUser: async (login, password) => {
      const hash = password === null ? null : await hasher.hashPassword(password)
      const { rows } = await own.query<{ id: string }>(
        'insert into "garden ""users""" (login, password) values ($1, $2) returning id::text',
        [login, hash],
      )
      return rows[0]?.id ?? ''
    },
    close: async () => {
      for (const close of closing) await close()
      await own.end()
      await database.drop()
    },
  }
}

function instanceOver(
  url: string,
  options: InstanceOptions & { readonly design: TestDesign; readonly keys: SigningKeys },
  closing: (() => Promise<void>)[],
): Instance {
  const executor = openExecutor({ url, connections: 8, statementTimeoutMs: 5_000, patience: PATIENCE })
  closing.push(() => executor.close())
  const clock = options.clock ?? { now: START }
  const observations: IdentityObservation[] = []
  const before = new Map<string, () => Promise<void>>()
  const rowsOf = new Map<string, number[]>()
  const run: Run = async (statement, values: Values) => {
    const first = before.get(statement.name)
    before.delete(statement.name)
    await first?.()
    const rows = await executor.run(statement, values)
    rowsOf.set(statement.name, [...(rowsOf.get(statement.name) ?? []), Array.isArray(rows) ? rows.length : 1])
    return rows
  }
  const identity = createIdentity({
    model: modelOf(options.design),
    run,
    keys: options.keys,
    issuer: 'https://garden.example',
    audience: 'https://garden.example',
    now: () => clock.now,
    observe: (observation) => observations.push(observation),
    passwords: { cost: options.cost ?? CHEAP, running: () => options.running ?? 2 },
  })
  const sweep = () => identityService.sweep({ run, now: () => clock.now })
  return { identity, sweep, clock, observations, before, rowsOf }
}

/** The role that an instance reads from the header of a request with this token, or the code of the failure. */
export async function roleAt({ identity }: Instance, token: string): Promise<unknown> {
  try {
    return claimOf(await authenticate({ identity, backends: null }, `Bearer ${token}`), 'role')
  } catch (error) {
    return codeOf(error)
  }
}

/** The code of a failure; rethrows other errors. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.name === 'Failure') return String(error.code)
  throw error
}
