/** Cases that each operation has: without a token, with a bad one, of somebody else, and about something that is not there. */

import assert from 'node:assert/strict'
import { refused } from './client.ts'
import { CONTRACT, type Operation } from './contract.ts'
import { type Case, goodRequest, NOTHING, ok, type World } from './world.ts'

/** The kind of resource that a failure names. */
function resourceOf({ id, path }: Operation): string {
  if (id.endsWith('ByUsername')) return 'profile'
  return path.includes('{id}') ? 'comment' : 'article'
}

/** Cases of one operation. */
function tokenCases(operation: Operation): readonly Case[] {
  const { id, isSecured, pathNames, statuses } = operation
  const named = { operation: id } as const
  const missing = pathNames.filter((name) => name !== 'id' || statuses.has(404))
  return [
    ...(isSecured
      ? [{ ...named, kind: 'no token' as const, title: 'is 401 without a token', run: (w: World) => withoutToken(w, operation) }]
      : []),
    ...BAD_TOKENS.map(({ title, make }) => ({
      ...named,
      kind: 'bad token' as const,
      title: `refuses ${title}`,
      run: (w: World) => withBadToken(w, operation, make(w.ada.token)),
    })),
    ...(statuses.has(403)
      ? [{ ...named, kind: 'wrong owner' as const, title: 'is 403 for another user', run: (w: World) => asAnother(w, operation) }]
      : []),
    ...(statuses.has(404)
      ? missing.map((name) => ({
          ...named,
          kind: 'missing resource' as const,
          title: `is 404 with a ${name} that nothing has`,
          run: (w: World) => aboutNothing(w, operation, name),
        }))
      : []),
  ]
}

/** The answer is the same whether the resource exists or not, and whatever the body is. */
async function withoutToken(world: World, operation: Operation): Promise<void> {
  const asked = goodRequest(world, operation.id)
  const requests = [
    asked,
    ...(asked.path === undefined ? [] : [{ ...asked, path: { ...NOTHING } }]),
    ...(operation.body === null ? [] : [{ ...asked, inside: {} }]),
  ]
  for (const request of requests) refused(await world.ask(operation.id, request), { status: 401, name: 'token', message: 'is missing' })
}

const BAD_TOKENS: readonly { readonly title: string; readonly make: (good: string) => string }[] = [
  { title: 'a token that is none', make: () => 'nonsense' },
  {
    title: 'a token with another signature',
    make: (good) => `${good.split('.').slice(0, 2).join('.')}.${Buffer.alloc(64, 7).toString('base64url')}`,
  },
  { title: 'a token with other claims', make: (good) => withClaims(good) },
  { title: 'a token without a signature', make: (good) => unsigned(good) },
]

function withClaims(good: string): string {
  const [head, claims = '', signature] = good.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), exp: 4_102_444_800 }
  return [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

function unsigned(good: string): string {
  const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
  return `${head}.${good.split('.')[1]}.`
}

/** An operation that demands no token may take the caller as nobody. It never takes him as the user that the token names. */
async function withBadToken(world: World, operation: Operation, token: string): Promise<void> {
  const answer = await world.ask(operation.id, { ...goodRequest(world, operation.id), token })
  if (!operation.isSecured && answer.status < 400) return
  assert.equal(answer.status, 401, JSON.stringify(answer.body))
  assert.deepEqual(Object.keys(answer.body.errors), ['token'])
}

/** Nothing is changed: the owner finds it afterwards as before. */
async function asAnother(world: World, operation: Operation): Promise<void> {
  const { ask, ada, bob, slug } = world
  const before = [ok(await ask('GetArticle', { path: { slug } })), ok(await ask('GetArticleComments', { path: { slug } }))]
  const answer = await ask(operation.id, { ...goodRequest(world, operation.id), token: bob.token })
  refused(answer, { status: 403, name: resourceOf(operation), message: 'forbidden' })
  assert.deepEqual([ok(await ask('GetArticle', { path: { slug } })), ok(await ask('GetArticleComments', { path: { slug } }))], before)
  assert.notEqual(ada.token, bob.token)
}

async function aboutNothing(world: World, operation: Operation, name: string): Promise<void> {
  const { ask, ada } = world
  const asked = goodRequest(world, operation.id)
  const values = [NOTHING[name as keyof typeof NOTHING], ...(name === 'id' ? [0] : ['%', 'ä'.repeat(40), `'; select 1; --`])]
  for (const value of values) {
    const { status, body } = await ask(operation.id, { ...asked, path: { ...asked.path, [name]: value }, token: ada.token })
    // A comment is not there when its article is not.
    const kinds = operation.pathNames.includes('id') && name === 'slug' ? ['article', 'comment'] : [resourceOf(operation)]
    assert.ok(
      kinds.some((kind) => status === 404 && JSON.stringify(body) === JSON.stringify({ errors: { [kind]: ['not found'] } })),
      `${value}: ${status} ${JSON.stringify(body)}`,
    )
  }
}

/** The cases of all operations. */
export const TOKEN_CASES: readonly Case[] = [...CONTRACT.operations.values()].flatMap(tokenCases)
