/**
 * Requests that read cannot write: they are answered the same over sessions in which each transaction is READ ONLY. So no statement of
 * theirs writes or locks anything.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import type { Entity } from '../../src/model/model.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { sampleParameters } from '../../src/verify/sample-query.ts'
import { sampleRequests } from '../../src/verify/samples.ts'
import { newPem } from '../identity/instances.ts'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'
import { plant } from '../support/insert-samples.ts'
import { wide } from '../support/wide-design.ts'

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time
type Context = any

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** Actions that read, in each form that they have. */
const reading = {
  name: 'reading',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: OPEN,
    },
    Item: {
      fields: { name: { type: 'text', max: 40, unique: true }, owner: { type: 'ref', entity: 'User', inverse: 'items' } },
      access: OPEN,
      actions: { look: { allow: 'row.owner == auth.id || true', answer: { name: 'row.name', others: 'size(row.owner.items)' } } },
    },
  },
  actions: {
    find: {
      allow: 'true',
      steps: [{ find: 'Item', where: 'name != ""', as: 'item' }],
      answer: { name: 'item.name' },
    },
    list: {
      allow: 'true',
      steps: [{ list: 'Item', sort: ['name'], limit: 10, as: 'items' }, { require: 'size(items) >= 0' }],
      answer: { items: { each: 'i in items', is: { name: 'i.name', owner: 'i.owner.email' } }, total: 'items.total' },
    },
    strict: {
      allow: 'true',
      isolation: 'serializable',
      steps: [{ list: 'Item', limit: 10, as: 'items' }],
      answer: { total: 'items.total' },
    },
    code: {
      allow: 'true',
      reads: true,
      output: { items: 'integer' },
      run: async ({ db }: Context) => ({ items: await db.Item.count({}) }),
    },
    strictCode: {
      as: 'system',
      allow: 'true',
      reads: true,
      isolation: 'serializable',
      output: { items: 'integer' },
      run: async ({ db }: Context) => ({ items: (await db.system.Item.list({ include: ['owner'] })).length }),
    },
  },
}

/** How many parameters are tried at each address. */
const MOST_QUERIES = 5

/** Answers without what differs from request to request. */
function shown({ status, text }: Answered): string {
  return `${status} ${text.replaceAll(/"traceId":"\w+"/g, '')}`
}

for (const [name, design] of [
  ['a design of everything', wide],
  ['actions that read', reading],
] as const) {
  test(`reads of ${name} need no transaction that may write`, async (t) => {
    const keys = readKeys('AUTH_KEYS', newPem())
    const usual = await testBackend(t, modelFrom(design), { keys })
    const { model } = usual
    const garden = await plant(usual)
    const url = new URL(usual.databaseUrl)
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    const readOnly = await testBackend(t, model, {
      databaseUrl: url.href,
      keys,
    })
    const account = model.identity?.entity
    const user = model.entities.find((entity) => entity.name === account)
    const tokens = user === undefined ? [undefined] : [undefined, await usual.tokenFor(garden.first(user))]
    const idOf = (entity: Entity): string => garden.first(entity)
    const document = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
    const requests = sampleRequests(model, document, { n: 1, idOf, uniqueOf: idOf, credentials: {}, refreshToken: '' })
    const gets = requests
      .filter(({ method }) => method === 'GET')
      .flatMap(({ url, path }) => {
        const operation = (document.paths[path] as Readonly<Record<string, object>>)?.get
        const queries = sampleParameters(document, operation as never).map((one) => `?${new URLSearchParams({ [one.name]: one.value })}`)
        return ['', ...queries.slice(0, MOST_QUERIES)].map((query) => `${url}${query}`)
      })
    let succeeded = 0
    for (const url of gets)
      for (const token of url.includes('?') ? tokens.slice(-1) : tokens) {
        const answer = await readOnly.ask('GET', url, { token })
        if (/^\/health/.test(url)) continue
        assert.equal(shown(answer), shown(await usual.ask('GET', url, { token })), url)
        if (answer.status === 200) succeeded++
      }
    for (const action of model.actions.filter(({ reads, entity }) => reads && entity === null))
      assert.equal((await readOnly.ask('GET', `/api/actions/${action.name}`)).status, 200, action.name)
    assert.ok(succeeded > gets.length / 3, `${succeeded} of ${gets.length}`)
    const [entity] = model.entities
    assert.ok(entity)
    const list = `${entity.name[0]?.toLowerCase()}${entity.name.slice(1)}s`
    const query = `{ ${list}(first: 2) { totalCount edges { cursor node { id } } pageInfo { hasNextPage } } }`
    const [a, b] = await Promise.all([usual, readOnly].map(({ ask }) => ask('POST', '/graphql', { body: { query }, token: tokens.at(-1) })))
    assert.ok(a?.json.data[list].edges.length > 0, a?.text ?? '')
    assert.equal(b?.text, a?.text)
    // What writes is refused there.
    const made = requests.find(({ method, path }) => method === 'POST' && /^\/api\/(?!auth|transaction|actions)\w+$/.test(path))
    const refused = await readOnly.ask('POST', made?.url ?? '', { body: made?.body, token: tokens.at(-1) })
    assert.deepEqual([refused.status, refused.json.code], [503, 'storage_full'], refused.text)
  })
}
