import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const MINIMAL = { prefer: 'return=minimal' }

/** Adds a user to the database by SQL and signs it in. */
async function userOf(backend: TestBackend, name: string): Promise<{ readonly id: string; readonly token: string }> {
  const [row] = await backend.sql("insert into users (name, email, password) values ($1, lower($1) || '@example.com', 'x') returning id", [
    name,
  ])
  const id = String(row?.id)
  return { id, token: await backend.tokenFor(id) }
}

const blogBackend = (t: TestContext) => testBackend(t, modelFrom(blog))

test('with Prefer: return=minimal a write answers without a body, and the statement returns no row', async (t) => {
  const backend = await blogBackend(t)
  const { ask, statements } = backend
  const { token } = await userOf(backend, 'Ann')
  statements.length = 0
  const created = await ask('POST', '/api/posts', { token, body: { title: 'One', body: 'text' }, headers: MINIMAL })
  const url = String(created.headers.location)
  const told = ({ status, text, headers }: Answered) => [status, text, headers['preference-applied'], headers.etag]
  assert.deepEqual(told(created), [201, '', 'return=minimal', '"1"'])
  assert.match(url, /^\/api\/posts\/[0-9a-f-]{36}$/)
  const patched = await ask('PATCH', url, {
    token,
    body: { title: 'Two' },
    headers: { ...MINIMAL, 'if-match': String(created.headers.etag) },
  })
  assert.deepEqual(told(patched), [204, '', 'return=minimal', '"2"'])
  const put = await ask('PUT', url, { token, body: { title: 'Three', body: 'x' }, headers: { ...MINIMAL, 'if-match': '"2"' } })
  assert.deepEqual(told(put), [204, '', 'return=minimal', '"3"'])
  const many = await ask('POST', '/api/posts', {
    token,
    body: [
      { title: 'A', body: 'x' },
      { title: 'B', body: 'x' },
    ],
    headers: MINIMAL,
  })
  assert.deepEqual(told(many), [201, '', 'return=minimal', undefined])
  const writes = statements.filter((s) => s.name.endsWith('Post')).map((s) => s.text)
  assert.deepEqual([writes.length, writes.filter((text) => text.includes(`'{"id":`)).length], [4, 0])
  assert.equal((await ask('GET', url, { token })).json.title, 'Three')
  const stale = await ask('PATCH', url, { token, body: { title: 'Four' }, headers: { ...MINIMAL, 'if-match': '"2"' } })
  assert.deepEqual([stale.status, stale.json.code, stale.headers['preference-applied']], [412, 'stale_version', undefined])
})

test('a preference changes no other answer, and errors are still reported', async (t) => {
  const backend = await blogBackend(t)
  const { token } = await userOf(backend, 'Ann')
  const ask = (method: string, url: string, body?: unknown) => backend.ask(method, url, { token, body, headers: MINIMAL })
  const whole = await backend.ask('POST', '/api/posts', {
    token,
    body: { title: 'One', body: 'x' },
    headers: { prefer: 'return=representation' },
  })
  assert.equal(whole.json.title, 'One')
  assert.equal((await ask('GET', String(whole.headers.location))).json.title, 'One')
  assert.equal((await ask('POST', '/api/posts?fields=nothing', { title: 'x', body: 'x' })).json.code, 'unknown_name')
  assert.equal((await ask('POST', '/api/posts', { title: 5 })).json.code, 'validation_failed')
  assert.deepEqual(await backend.sql('select count(*)::int as n from posts'), [{ n: 1 }])
})

const shop = {
  name: 'shop',
  entities: {
    Item: {
      fields: {
        name: { type: 'text', max: 20, unique: true },
        stock: { type: 'integer', min: 0, max: 1000, default: 0 },
        price: { type: 'decimal', precision: 5, scale: 2, default: '1.00' },
        weight: { type: 'number', optional: true },
        score: { type: 'integer', default: 0, write: 'input.score <= 10' },
        doubled: { type: 'computed', expression: 'stock * 2' },
      },
      access: { read: 'true', create: 'true', update: { from: 'true', to: 'stock != 13' }, delete: 'true' },
    },
  },
}

test('an increment adds to the current value, and the rules judge it like any write', async (t) => {
  const backend = await testBackend(t, modelFrom(shop))
  const created = await backend.ask('POST', '/api/items', { body: { name: 'a', stock: 10 } })
  const change = async (body: unknown, headers = {}) => {
    const answer = await backend.ask('PATCH', String(created.headers.location), { body, headers })
    return answer.status === 200
      ? answer.json
      : [
          answer.status,
          answer.json.code,
          ...(answer.json.errors ?? []).map((e: { pointer: string; rule: string }) => `${e.pointer} ${e.rule}`),
        ]
  }
  const changed = await change({ stock: { increment: 2 }, price: { increment: '0.55' }, score: { increment: 10 } })
  assert.deepEqual([changed.stock, changed.price, changed.score, changed.doubled, changed.version], [12, '1.55', 10, 24, 2])
  assert.equal((await change({ stock: { increment: -12 } })).stock, 0)
  assert.equal((await change({ price: { increment: -1.5 } }, { 'if-match': '"3"' })).price, '0.05')
  assert.deepEqual(await change({ price: { increment: 1 } }, { 'if-match': '"3"' }), [412, 'stale_version'])
  // Limits of the design apply to the sum, even after concurrent increments.
  assert.deepEqual(await change({ stock: { increment: -1 } }), [400, 'validation_failed', '/stock range'])
  assert.deepEqual(await change({ stock: { increment: 1001 } }), [400, 'validation_failed', '/stock range'])
  assert.deepEqual(await change({ stock: { increment: Number.MAX_SAFE_INTEGER } }), [400, 'validation_failed', '/stock range'])
  assert.deepEqual(await change({ price: { increment: '999.95' } }), [400, 'validation_failed', '/price increment'])
  assert.equal((await change({ price: { increment: '999.94' } })).price, '999.99')
  // Rules see the new value.
  assert.deepEqual(await change({ stock: { increment: 13 } }), [403, 'forbidden'])
  assert.deepEqual(await change({ score: { increment: 1 } }), [403, 'forbidden'])
  // The sum with a missing number is missing, so the increment is refused.
  assert.deepEqual(await change({ weight: { increment: 1 } }), [400, 'validation_failed', '/weight increment'])
  assert.equal((await change({ weight: 1.5 })).weight, 1.5)
  assert.equal((await change({ weight: { increment: -0.25 } })).weight, 1.25)
  assert.equal((await change({ weight: 1e308 })).weight, 1e308)
  assert.deepEqual(await change({ weight: { increment: 1e308 } }), [400, 'validation_failed', '/weight increment'])
  assert.deepEqual(await change({ stock: { increment: '1' } }), [400, 'validation_failed', '/stock/increment type'])
})

test('a sum out of range is refused with the limit', async (t) => {
  const sums = {
    name: 'sums',
    entities: {
      Sum: {
        fields: {
          floor: { type: 'integer', min: 0, default: 0 },
          ceiling: { type: 'integer', max: 10, default: 0 },
          whole: { type: 'integer', optional: true },
          price: { type: 'decimal', precision: 5, scale: 2, default: '0.00' },
          weight: { type: 'number', min: -1e307, default: 0 },
        },
        access: { read: 'true', create: 'true', update: 'true' },
      },
    },
  }
  const { ask } = await testBackend(t, modelFrom(sums))
  const most = Number.MAX_SAFE_INTEGER
  const after = async (name: string, { from, add }: { from: unknown; add: unknown }): Promise<unknown> => {
    const { headers } = await ask('POST', '/api/sums', { body: { [name]: from } })
    const answer = await ask('PATCH', String(headers.location), { body: { [name]: { increment: add } } })
    return answer.status === 200 ? answer.json[name] : `${answer.json.errors[0].rule}: ${answer.json.errors[0].message}`
  }
  assert.equal(await after('floor', { from: most, add: 1 }), `increment: the sum would be above ${most}`)
  assert.equal(await after('floor', { from: 3, add: -4 }), 'range: must be at least 0')
  assert.equal(await after('floor', { from: most - 1, add: 1 }), most)
  assert.equal(await after('ceiling', { from: -most, add: -1 }), `increment: the sum would be below -${most}`)
  assert.equal(await after('ceiling', { from: 3, add: most }), 'range: must be at most 10')
  const either = `increment: has no value to add to, or the sum would be below -${most} or above ${most}`
  assert.equal(await after('whole', { from: most, add: 1 }), either)
  assert.equal(await after('whole', { from: null, add: 1 }), either)
  assert.equal(await after('price', { from: '999.00', add: '1' }), 'increment: the sum would have more than 3 digits before the point')
  assert.match(String(await after('weight', { from: 1.7e308, add: 1e307 })), /^increment: the sum would be below -1\.79\S* or above 1\.79/)
  // A sum within the type is accepted, even with large operands.
  assert.equal(await after('weight', { from: 1e308, add: 7e307 }), 1.7e308)
  assert.equal(await after('weight', { from: Number.MAX_VALUE, add: -Number.MAX_VALUE }), 0)
  assert.equal(await after('weight', { from: Number.MAX_VALUE, add: 1 }), Number.MAX_VALUE)
  assert.equal(await after('weight', { from: 1, add: -Number.MAX_VALUE }), 'range: must be at least -1e+307')
})

test('values from which a whole number out of range would be computed are refused, and other writes succeed', async (t) => {
  const model = modelFrom({
    name: 'squares',
    entities: {
      Square: {
        fields: { side: { type: 'integer' }, area: { type: 'computed', expression: 'side * side' } },
        access: { read: 'true', create: 'true', update: 'true' },
      },
    },
  })
  const { ask } = await testBackend(t, model)
  const most = Number.MAX_SAFE_INTEGER
  const answers = await Promise.all([3, most, 4, -most].map((side) => ask('POST', '/api/squares', { body: { side } })))
  const problem = (pointer: string) => ({
    pointer,
    rule: 'range',
    message: 'holds values from which a whole number out of range would be computed',
  })
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.area ?? json.errors]),
    [
      [201, 9],
      [400, [problem('')]],
      [201, 16],
      [400, [problem('')]],
    ],
  )
  const url = String(answers[0]?.headers.location)
  assert.deepEqual((await ask('PATCH', url, { body: { side: most } })).json.errors, [problem('')])
  assert.deepEqual((await ask('PATCH', url, { body: { side: { increment: most - 3 } } })).json.errors, [problem('')])
  assert.equal((await ask('GET', url)).json.area, 9)
  const many = await ask('POST', '/api/squares', { body: [{ side: 1 }, { side: most }] })
  assert.deepEqual([many.status, many.json.code], [400, 'validation_failed'], many.text)
  const mutation = `mutation { createSquare(input: { side: ${most} }) { id } }`
  assert.equal((await ask('POST', '/graphql', { body: { query: mutation } })).json.errors[0].extensions.code, 'validation_failed')
})

test('the rules judge an empty update like any other, and it writes nothing, in REST and in GraphQL', async (t) => {
  const model = modelFrom({
    name: 'notes',
    entities: {
      Note: {
        fields: {
          title: { type: 'text', unique: true },
          hits: { type: 'integer', default: 0 },
          twice: { type: 'computed', expression: 'hits * 2' },
        },
        access: { read: 'true', create: 'true', update: { from: 'title != "fixed"', to: 'hits < 5' } },
      },
    },
  })
  const { ask, sql } = await testBackend(t, model)
  const created = await ask('POST', '/api/notes', { body: { title: 'a', hits: 2 } })
  const url = String(created.headers.location)
  const { id } = created.json
  const patch = (headers: Record<string, string> = {}) => ask('PATCH', url, { body: {}, headers })
  const graphql = (mutation: string) => ask('POST', '/graphql', { body: { query: `mutation { ${mutation} }` } })
  const same = await patch()
  assert.deepEqual([same.status, same.json, same.headers.etag], [200, created.json, created.headers.etag])
  assert.equal((await patch({ prefer: 'return=minimal' })).headers.etag, '"1"')
  assert.equal((await patch({ 'if-match': String(created.headers.etag) })).status, 200)
  assert.equal((await patch({ 'if-match': '"2"' })).json.code, 'stale_version')
  const shown = '{ id note { title hits twice version updatedAt } }'
  const { title, hits, twice, version, updatedAt } = created.json
  const payload = { id, note: { title, hits, twice, version, updatedAt } }
  for (const [field, mutation] of [
    ['updateNote', `updateNote(id: "${id}", input: {}) ${shown}`],
    ['updateNote', `updateNote(id: "${id}") ${shown}`],
    ['updateNote', `updateNote(id: "${id}", input: {}, increment: {}, ifVersion: 1) ${shown}`],
    ['upsertNote', `upsertNote(where: { title: "a" }, create: { title: "a" }, update: {}) ${shown}`],
  ] as const)
    assert.deepEqual((await graphql(mutation)).json, { data: { [field]: payload } }, mutation)
  const transaction = await ask('POST', '/api/transaction', { body: { operations: [{ method: 'PATCH', path: url, body: {} }] } })
  assert.equal(transaction.json.results?.[0].body.version, 1, transaction.text)
  // Every sent value makes a new version, even an equal value.
  assert.equal((await ask('PATCH', url, { body: { title: 'a' } })).json.version, 2)
  await sql('update notes set hits = 5')
  assert.equal((await patch()).json.code, 'forbidden')
  await sql("update notes set hits = 0, title = 'fixed'")
  assert.equal((await patch()).json.code, 'forbidden')
  assert.equal((await graphql(`updateNote(id: "${id}", input: {}) { id }`)).json.errors[0].extensions.code, 'forbidden')
  assert.equal((await ask('PATCH', '/api/notes/01900000-0000-7000-8000-000000000000', { body: {} })).status, 404)
})

test('no concurrent increment is lost', async (t) => {
  const [writers, each] = process.env.PLINTH_FULL === '1' ? [64, 1000] : [64, 6]
  const model = modelFrom({
    name: 'counter',
    entities: {
      Counter: {
        fields: { hits: { type: 'integer', default: 0 }, note: { type: 'text', default: '-' } },
        access: { read: 'true', create: 'true', update: 'true' },
      },
    },
  })
  const { ask, sql } = await testBackend(t, model)
  const url = String((await ask('POST', '/api/counters', { body: {} })).headers.location)
  const began = performance.now()
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let i = 0; i < each; i++) {
        const body = writer % 8 === 0 ? { hits: { increment: 1 }, note: `${writer} ${i}` } : { hits: { increment: 1 } }
        const answer = await ask('PATCH', url, { body, headers: writer % 2 === 0 ? MINIMAL : {} })
        assert.ok(answer.status === 200 || answer.status === 204, answer.text)
      }
    }),
  )
  t.diagnostic(`${writers * each} increments in ${Math.round(performance.now() - began)} ms`)
  assert.deepEqual(await sql('select hits::int, version::int from counters'), [{ hits: writers * each, version: writers * each + 1 }])
})

test('a create of many users does not delay the logins of other users', { timeout: 60_000 }, async (t) => {
  const { ask } = await blogBackend(t)
  const user = (name: string) => ({ name, email: `${name}@example.com`, password: 'Correct-horse-7' })
  assert.equal((await ask('POST', '/api/auth/register', { body: user('ann') })).status, 201)
  const all = (letter: string) => ask('POST', '/api/users', { body: Array.from({ length: 35 }, (_, i) => user(`${letter}${i}`)) })
  const order: string[] = []
  const creates = Promise.all(['b', 'c'].map((letter) => all(letter).then((answer) => order.push(`${answer.status}`))))
  await new Promise((resolve) => setTimeout(resolve, 100))
  const { email, password } = user('ann')
  const signIn = ask('POST', '/api/auth/login', { body: { email, password } }).then((answer) => order.push(`in ${answer.status}`))
  await Promise.all([creates, signIn])
  assert.deepEqual(order, ['in 200', '201', '201'])
  const tooMany = await ask('POST', '/api/users', { body: Array.from({ length: 101 }, (_, i) => user(`d${i}`)) })
  assert.equal(tooMany.status, 400, tooMany.text)
  assert.deepEqual(
    tooMany.json.errors.map((e: { rule: string }) => e.rule),
    ['maxItems'],
  )
})

test('what the server sets and the caller may read is refused by name, in every write', async (t) => {
  const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const maintained = {
    by: { type: 'uuid', set: 'uuid()', on: 'write' },
    number: { type: 'sequence' },
    twice: { type: 'computed', expression: 'title + title' },
    lines: { type: 'computed', expression: 'size(parts)' },
  }
  const hidden = { made: { type: 'uuid', set: 'uuid()', read: 'false' }, rank: { type: 'integer', default: 1, write: 'false' } }
  const { ask } = await testBackend(
    t,
    modelFrom({
      name: 'desk',
      entities: {
        Thing: { fields: { title: { type: 'text', max: 20 }, ...maintained, ...hidden }, access: OPEN },
        Part: {
          fields: {
            ...maintained,
            title: { type: 'text', max: 20 },
            lines: { type: 'integer', set: '1' },
            thing: { type: 'ref', entity: 'Thing', inverse: 'parts' },
          },
          access: OPEN,
        },
      },
    }),
  )
  const id = (await ask('POST', '/api/things', { body: { title: 'a' } })).json.id
  const known = [...Object.keys(maintained), 'id', 'createdAt', 'updatedAt', 'version']
  for (const [names, message] of [
    [known, 'is set by the server; leave it out'],
    [Object.keys(hidden), 'unknown field'],
  ] as const) {
    for (const name of names) {
      const row = { title: 'b', [name]: 1 }
      const operations = [{ method: 'PATCH', path: `/api/things/${id}`, body: row }]
      for (const [method, path, body, at] of [
        ['POST', '/api/things', row, ''],
        ['POST', '/api/things', [row], '/0'],
        ['POST', '/api/things', { title: 'c', parts: [row] }, '/parts/0'],
        ['PATCH', `/api/things/${id}`, row, ''],
        ['POST', '/api/transaction', { operations }, '/operations/0/body'],
      ] as const) {
        if (at === '/parts/0' && message === 'unknown field') continue
        const { json } = await ask(method, path, { body })
        assert.deepEqual(json.errors, [{ pointer: `${at}/${name}`, rule: 'unknown', message }], `${method} ${path} ${name}`)
      }
    }
  }
})
