/** The measured operations: their requests in each dialect, and the status of a right answer. */

import { posted, VOCABULARIES } from './graphql.ts'
import type { Caller, Dialect, GraphqlDialect, Request, Sample } from './request.ts'

/** All operations, with a title and whether they write. */
export const OPERATIONS = {
  get: { title: 'get by id', writes: false },
  list: { title: 'list of ten with author', writes: false },
  create: { title: 'create', writes: true },
  update: { title: 'update', writes: true },
  login: { title: 'login', writes: true },
  invalid: { title: 'invalid body', writes: false },
  hot: { title: 'get, always the same id', writes: false },
  tree: { title: 'ten users, ten posts of each, ten comments on each', writes: false },
  branch: { title: 'one user of a thousand, ten posts, ten comments on each', writes: false },
} as const satisfies Record<string, { readonly title: string; readonly writes: boolean }>

/** The name of an operation. */
export type Operation = keyof typeof OPERATIONS

/** The status that every answer of an operation must have. */
export function expectedStatus(operation: Operation, dialect: Dialect): number {
  if (dialect === 'constant') return 200
  // To clients that ask for plain JSON, Plinth's GraphQL answers 200 even with errors (GraphQL over HTTP, section 6.4.1).
  if (operation === 'invalid') return dialect === 'graphql' ? 200 : 400
  return operation === 'create' && dialect === 'rest' ? 201 : 200
}

/** Returns a function that makes the next request. The same seed gives the same sequence, so all servers get the same requests. */
export function requestsOf(
  operation: Operation,
  dialect: Dialect,
  { sample, seed }: { readonly sample: Sample; readonly seed: number },
): () => Request {
  const random = generator(seed * 7919 + 1)
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)]
    if (one === undefined) throw new Error(`there is nothing to ${operation}`)
    return one
  }
  if (dialect === 'rest' || dialect === 'constant') return () => REST[operation](sample, pick)
  if (dialect === 'directus') return () => DIRECTUS[operation](sample, pick)
  const make = GRAPHQL[operation]
  return () => make(sample, pick, VOCABULARIES[dialect])
}

type Make = (sample: Sample, pick: <T>(from: readonly T[]) => T) => Request

/** The body of a created post; about as long as the loaded posts. */
export const NEW_POST = {
  title: 'A title of middling length',
  body: 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr. '.repeat(7),
  tags: ['tag1', 'topic2'],
  published: true,
}

/** A body of which every member is wrong. */
export const INVALID_POST = { title: 5, body: 'x', published: 'yes', colour: 'red' }

const inGraphql = () => {
  throw new Error('trees are asked for in GraphQL')
}
const NO_TREES = { tree: inGraphql, branch: inGraphql }

const REST: Readonly<Record<Operation, Make>> = {
  get: ({ posts, callers }, pick) => read(`/api/posts/${pick(posts)}`, pick(callers)),
  list: ({ authors, callers }, pick) =>
    read(`/api/posts?filter[author]=${pick(authors)}&sort=-createdAt&page[size]=10&include=author`, pick(callers)),
  create: ({ callers }, pick) => write('POST', '/api/posts', { caller: pick(callers), body: NEW_POST }),
  update: ({ callers, own }, pick) => {
    const { id, caller } = pick(own)
    return write('PATCH', `/api/posts/${id}`, { caller: callers[caller], body: { title: changedTitle() } })
  },
  login: ({ logins, password }, pick) => write('POST', '/api/auth/login', { caller: undefined, body: { email: pick(logins), password } }),
  invalid: ({ callers }, pick) => write('POST', '/api/posts', { caller: pick(callers), body: INVALID_POST }),
  hot: ({ hot, callers }, pick) => read(`/api/posts/${hot}`, pick(callers)),
  ...NO_TREES,
}

const DIRECTUS_USER = ['id', 'name', 'email', 'role', 'created_at', 'updated_at', 'version'].map((field) => `author_id.${field}`)
const DIRECTUS_LIST = `sort=-created_at,-id&limit=10&fields=*,${DIRECTUS_USER}`

const DIRECTUS: Readonly<Record<Operation, Make>> = {
  get: ({ posts, callers }, pick) => read(`/items/posts/${pick(posts)}`, pick(callers)),
  list: ({ authors, callers }, pick) => read(`/items/posts?filter[author_id][_eq]=${pick(authors)}&${DIRECTUS_LIST}`, pick(callers)),
  // Directus knows no array columns and passes the value on: an array literal of PostgreSQL (manual, section 8.15.2).
  create: ({ callers }, pick) =>
    write('POST', '/items/posts', { caller: pick(callers), body: { ...NEW_POST, tags: `{${NEW_POST.tags.join()}}` } }),
  update: ({ callers, own }, pick) => {
    const { id, caller } = pick(own)
    return write('PATCH', `/items/posts/${id}`, { caller: callers[caller], body: { title: changedTitle() } })
  },
  login: () => {
    throw new Error('Directus has passwords of its own')
  },
  // Without `colour`: Directus stops at a member that it does not know.
  invalid: ({ callers }, pick) => write('POST', '/items/posts', { caller: pick(callers), body: { ...INVALID_POST, colour: undefined } }),
  hot: ({ hot, callers }, pick) => read(`/items/posts/${hot}`, pick(callers)),
  ...NO_TREES,
}

type MakeGraphql = (...given: [...Parameters<Make>, (typeof VOCABULARIES)[GraphqlDialect]]) => Request

const GRAPHQL: Readonly<Record<Operation, MakeGraphql>> = {
  get: ({ posts, callers }, pick, words) => posted(words.get(pick(posts)), pick(callers)),
  list: ({ authors, callers }, pick, words) => posted(words.list(pick(authors)), pick(callers)),
  create: ({ callers }, pick, words) => {
    const caller = pick(callers)
    return posted(words.create(NEW_POST, caller.id), caller)
  },
  update: ({ callers, own }, pick, words) => {
    const { id, caller } = pick(own)
    return posted(words.update(id, { title: changedTitle() }), callers[caller])
  },
  login: () => {
    throw new Error('there is no login in GraphQL')
  },
  invalid: ({ callers }, pick, words) => {
    const caller = pick(callers)
    return posted(words.create(INVALID_POST, caller.id), caller)
  },
  hot: ({ hot, callers }, pick, words) => posted(words.get(hot), pick(callers)),
  tree: ({ callers }, pick, words) => posted(words.tree(), pick(callers)),
  branch: ({ commented, callers }, pick, words) => posted(words.branch(pick(commented)), pick(callers)),
}

function changedTitle(): string {
  return `Changed ${Math.floor(performance.now())}`
}

function read(path: string, caller: Caller): Request {
  return { method: 'GET', path, token: caller.token, body: null }
}

function write(
  method: 'POST' | 'PATCH',
  path: string,
  { caller, body }: { readonly caller: Caller | undefined; readonly body: object },
): Request {
  return { method, path, token: caller?.token ?? null, body: JSON.stringify(body) }
}

/** Pseudorandom numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
