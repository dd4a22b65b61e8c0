/** The operations of the crash tests: every way to write. */

import { randomUUID } from 'node:crypto'

/** A request. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Whether it has an `Idempotency-Key`. */
  readonly keyed: boolean
}

/** An operation on rows of its own, which have a tag. */
export interface Operation {
  readonly name: string
  /** Makes the rows that it needs before. */
  readonly before: readonly ((tag: string) => Omit<Request, 'keyed'>)[]
  readonly request: (tag: string, ids: readonly string[]) => Request
}

const thing = (tag: string) => ({ method: 'POST', path: '/api/things', body: { tag } })

function post(path: string, body: (tag: string) => unknown): Operation['request'] {
  return (tag) => ({ method: 'POST', path, body: body(tag), keyed: true })
}

function graphql(query: string): Operation['request'] {
  return (tag, ids) => ({ method: 'POST', path: '/graphql', body: { query, variables: { tag, id: ids[0] } }, keyed: true })
}

const UPSERT = `mutation ($tag: String!) { upsertThing(where: { code: $tag }, create: { tag: $tag, code: $tag }, update: { n: 7 }) { created thing { number } } }`
const ATOMIC = `mutation ($tag: String!, $id: UUID!) @atomic {
  createThing(input: { tag: $tag }) { id }
  updateThing(id: $id, input: { n: 3 }) { id }
  createParts(inputs: [{ tag: $tag, thing: $id }, { tag: $tag, thing: $id }]) { id }
}`

/** All operations. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'create', before: [], request: post('/api/things', (tag) => ({ tag })) },
  {
    name: 'update',
    before: [thing],
    request: (_, [id]) => ({ method: 'PATCH', path: `/api/things/${id}`, body: { n: { increment: 1 } }, keyed: true }),
  },
  { name: 'delete', before: [thing], request: (_, [id]) => ({ method: 'DELETE', path: `/api/things/${id}`, keyed: true }) },
  { name: 'upsert', before: [], request: graphql(UPSERT) },
  { name: 'upsert of a row', before: [(tag) => ({ ...thing(tag), body: { tag, code: tag } })], request: graphql(UPSERT) },
  { name: 'nested', before: [], request: post('/api/things', (tag) => ({ tag, parts: [{ tag }, { tag }, { tag }] })) },
  { name: 'bulk', before: [], request: post('/api/things', (tag) => [{ tag }, { tag }, { tag }]) },
  {
    name: 'transaction',
    before: [thing],
    request: (tag, [id]) => ({
      method: 'POST',
      path: '/api/transaction',
      body: {
        operations: [
          { method: 'POST', path: '/api/things', body: { tag }, name: 'made' },
          { method: 'POST', path: '/api/parts', body: { tag, thing: { $ref: 'made.id' } } },
          { method: 'PATCH', path: `/api/things/${id}`, body: { n: 9 } },
        ],
      },
      keyed: true,
    }),
  },
  { name: '@atomic', before: [thing], request: graphql(ATOMIC) },
  { name: 'hooks', before: [], request: post('/api/hookeds', (tag) => ({ tag })) },
  { name: 'steps', before: [], request: post('/api/actions/build', (tag) => ({ tag, codes: ['a', 'b'] })) },
  { name: 'serializable', before: [], request: post('/api/actions/strict', (tag) => ({ tag })) },
  { name: 'code', before: [], request: post('/api/actions/code', (tag) => ({ tag })) },
  { name: 'own transaction', before: [], request: (tag) => ({ method: 'POST', path: '/api/actions/own', body: { tag }, keyed: false }) },
  {
    name: 'registration',
    before: [],
    request: post('/api/auth/register', (tag) => ({ tag, email: `${tag}@example.com`, password: 'Lantern-Otter-42' })),
  },
]

/** A tag that no other rows have: also the local part of an address. */
export function newTag(operation: Operation): string {
  return `${operation.name.replaceAll(/\W+/g, '-').replace(/^-/, '')}-${randomUUID().slice(0, 8)}`
}
