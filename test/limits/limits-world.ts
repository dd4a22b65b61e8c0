/** The backend on which every limit of requests is tried, at the limit and one above it. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { FailureCode } from '../../src/base/failures/failure-catalogue.ts'
import type { LIMITS } from '../../src/base/limits.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9']

/** A row that refers to the one above it. */
const below = (entity: string, inverse: string, fields = {}) => ({
  fields: { n: { type: 'integer', default: 0 }, up: { type: 'ref', entity, inverse, onDelete: 'cascade' }, ...fields },
  access: OPEN,
})

const design = {
  name: 'limits',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password', min: 8 } },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Note: {
      fields: {
        title: { type: 'text', default: '-' },
        a: { type: 'text', max: 2_000_000, optional: true },
        b: { type: 'text', max: 2_000_000, optional: true },
        c: { type: 'text', max: 2_000_000, optional: true },
        d: { type: 'text', max: 2_000_000, optional: true },
        e: { type: 'text', max: 2_000_000, optional: true },
        data: { type: 'json', optional: true },
      },
      access: OPEN,
      indexes: [['title']],
      search: ['title'],
    },
    Key: {
      fields: Object.fromEntries(KEYS.map((name) => [name, { type: 'integer', default: 0 }])),
      access: OPEN,
      indexes: [KEYS.slice(0, 8)],
    },
    Doc: { fields: { text: { type: 'text', max: 2_000_000 } }, access: OPEN },
    Part: { fields: { doc: { type: 'ref', entity: 'Doc', onDelete: 'cascade' } }, access: OPEN },
    A: { fields: { n: { type: 'integer', default: 0 } }, access: OPEN },
    B: below('A', 'bs'),
    C: below('B', 'cs'),
    D: below('C', 'ds'),
    E: below('D', 'es'),
    Slow: below('A', 'slows'),
    Slower: below('Slow', 'latter'),
    Slowest: below('Slower', 'last'),
  },
}

export interface World extends TestBackend {
  /** Sends a GraphQL document. */
  readonly graphql: (query: string, variables?: object) => Promise<Answered>
}

/** The name of a limit. */
export type LimitName = Exclude<keyof typeof LIMITS, 'workDepth'>

/** Tries one limit. */
export type TryLimit = (world: World) => Promise<void>

export async function openWorld(t: TestContext): Promise<World> {
  const backend = await testBackend(t, modelFrom(design), { patience: 1 })
  // An insert into these tables takes `n` milliseconds for each row.
  await backend.sql(
    'create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(new.n / 1000.0); return new; end $$',
  )
  for (const table of ['slows', 'slowers', 'slowests'])
    await backend.sql(`create trigger dawdle before insert on ${table} for each row execute function dawdle()`)
  return {
    ...backend,
    graphql: (query, variables) =>
      backend.ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body: { query, variables } }),
  }
}

/** Checks the refusal above a limit: its code, and the rule of its first problem if there is one. */
export function refused(answer: Answered, status: number, code: FailureCode, rule?: string): void {
  const problem = answer.json.errors?.[0]
  const said = [answer.status, answer.json.code ?? problem?.extensions?.code, ...(rule === undefined ? [] : [problem?.rule])]
  assert.deepEqual(said, [status, code, ...(rule === undefined ? [] : [rule])], answer.text.slice(0, 500))
}

export function answered(answer: Answered, status = 200): Answered {
  assert.equal(answer.status, status, answer.text.slice(0, 500))
  if (answer.json?.errors !== undefined) assert.deepEqual(answer.json.errors, [])
  return answer
}

export const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
