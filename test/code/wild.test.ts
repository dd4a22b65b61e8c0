/** Code that misbehaves: it neither keeps a connection, nor ends the process, nor shows what its caller may not see. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Observation } from '../../src/server/http/observe.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { newPem } from '../identity/instances.ts'
import { openCode } from './code-world.ts'

const wild = readFileSync(join(import.meta.dirname, 'designs/logic/wild.mjs'), 'utf8')

test('code that misbehaves', async (t) => {
  const observed: Observation[] = []
  const options = { connections: 4, keys: readKeys('AUTH_KEYS', newPem()), observe: (one: Observation) => void observed.push(one) } as const
  const world = await openCode(t, 'shop.yaml', options)
  const production = await openCode(t, 'shop.yaml', { ...options, mode: 'production', databaseUrl: world.databaseUrl })
  const impatient = await openCode(t, 'shop.yaml', { ...options, patience: 1, databaseUrl: world.databaseUrl })
  const [ann, bob, eve] = await insertPeople(world, 'persons', [
    { email: 'ann@example.com' },
    { email: 'bob@example.com' },
    { email: 'eve@example.com' },
  ])
  assert.ok(ann && bob && eve)
  const [cup] = await insertRows(world, 'products', [{ name: 'Cup', price: '10.00', stock: 5 }])
  await insertRows(world, 'coupons', [{ code: 'X', percent: 50, remaining: 1 }])
  await insertRows(world, 'orders', [{ number: 1, customer_id: bob.id, product_id: cup, quantity: 1, total: 1 }])
  const run = (how: string, on = world, by = ann) => on.ask('POST', '/api/actions/wild', { token: by.token, body: { how } })
  const products = async () => (await world.sql('select name from products order by name')).map(({ name }) => name)
  const notes = () => observed.flatMap((one) => (one.kind === 'request-failed' ? [one.failure.note ?? ''] : []))

  await t.test('an unexpected error names file and line in development and in the log, and nothing in production', async () => {
    const before = wild.slice(0, wild.indexOf("new TypeError('secret detail')")).split('\n')
    const place = `test/code/designs/logic/wild.mjs:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
    const shown = await run('error')
    assert.deepEqual([shown.status, shown.json.code], [500, 'internal_error'])
    assert.equal(shown.json.detail, `action wild failed: TypeError: secret detail (${place})`)
    observed.length = 0
    const hidden = await run('error', production)
    assert.deepEqual([hidden.status, hidden.json.detail.includes('secret')], [500, false])
    assert.ok(notes().join().includes(`TypeError: secret detail (${place})`), notes().join())
  })
  await t.test('anything may be thrown', async () => {
    for (const how of ['text', 'nothing', 'hostile', 'not a code', 'of the server', 'spoofed', 'no such way']) {
      const answer = await run(how)
      assert.deepEqual([answer.status, answer.json.code], [500, 'internal_error'], how)
      assert.deepEqual(Object.keys((await run(how, production)).json).sort(), ['code', 'detail', 'status', 'title', 'traceId', 'type'], how)
    }
    const { status, json } = await run('problems')
    assert.deepEqual(
      [status, json.code, json.errors],
      [400, 'validation_failed', [{ pointer: '/how', rule: 'check', message: 'is wrong' }]],
    )
  })
  await t.test('code that never ends is ended, and its connection is free again', async () => {
    const before = await products()
    const ended = await Promise.all([run('never', impatient), run('loop', impatient, bob), run('signalled', impatient, eve)])
    for (const { status, json } of ended) assert.deepEqual([status, json.code], [503, 'statement_timeout'])
    assert.deepEqual(await products(), before)
    for (let i = 0; i < 5; i++) assert.equal((await run('own', impatient)).text, '0')
  })
  await t.test('after a deadlock the code runs again, and has its effect once', async () => {
    const rows = ['A', 'B'].map((name) => ({ name, price: '1.00', stock: 9 }))
    await insertRows(world, 'products', rows)
    const answers = await Promise.all([run('cross ab'), run('cross ba', world, bob)])
    const done = answers.filter(({ status }) => status === 200)
    // A machine that is too slow ends one of them at its time limit.
    assert.ok(
      done.length >= 1 && answers.every(({ status }) => [200, 409, 503].includes(status)),
      answers.map(({ text }) => text).join('\n'),
    )
    assert.deepEqual(
      await world.sql("select stock::int from products where name in ('A', 'B')"),
      rows.map(() => ({ stock: 9 - done.length })),
    )
    if (done.length === 2) assert.equal(Math.max(...done.map(({ json }) => json)), 3)
  })
  await t.test('after the end db refuses', async () => {
    assert.equal((await run('late')).status, 200)
    assert.match((await run('use late')).json, /^ctx\.db was used after its transaction had ended/)
    const { status, json } = await run('not awaited')
    assert.deepEqual([status, json.code], [500, 'internal_error'])
    assert.match(json.detail, /await each call/)
    assert.ok(!(await products()).includes('not awaited'))
  })
  await t.test('calls at once run one after the other', async () => {
    const { status, json, text } = await run('parallel')
    assert.equal(status, 200, text)
    assert.equal(json.length, 20)
  })
  await t.test('a refused write ends the action, even if the code catches it', async () => {
    const refused = await run('caught refusal')
    assert.deepEqual([refused.status, refused.json.code], [403, 'forbidden'])
    const taken = await run('caught taken')
    assert.deepEqual([taken.status, taken.json.code], [409, 'already_taken'])
    const names = await products()
    assert.ok(!names.includes('before') && !names.includes('twice'))
  })
  await t.test('there is a limit of written rows', async () => {
    const { status, json } = await run('bulk')
    // A slow machine ends the code before.
    assert.ok((status === 400 && json.code === 'validation_failed') || status === 503, JSON.stringify(json))
    assert.ok(!(await products()).includes('bulk 0 0'))
  })
  await t.test('an answer that JSON does not have, or that is too large, is refused', async () => {
    for (const how of ['bigint', 'function', 'circle']) assert.equal((await run(how)).status, 500, how)
    const large = await run('large')
    assert.deepEqual([large.status, large.json.code], [400, 'answer_too_large'])
  })
  await t.test('keys of prototypes are ordinary names', async () => {
    const { status, json } = await run('prototype')
    assert.deepEqual([status, json.code], [400, 'validation_failed'])
    assert.deepEqual((await run('names')).json, ['undefined', 'undefined', null, 7])
    assert.equal((await run('frozen')).json, 'frozen')
  })
  await t.test('a name that does not exist is a mistake of the code', async () => {
    const { status, json } = await run('no filter')
    assert.equal(status, 500)
    assert.match(json.detail, /TypeError: ctx\.db\.Product\.list: .*"nothing".* \(test\/code\/designs\/logic\/wild\.mjs:\d+:\d+\)$/)
    assert.match((await run('no option')).json.detail, /there is no option "where"/)
  })
  await t.test('rules hold in db, and not in db.system; passwords are never read', async () => {
    assert.equal((await run('own')).text, '0')
    assert.deepEqual((await run('closed')).json, ['forbidden', 1])
    assert.deepEqual(
      (await run('state')).json,
      Array.from({ length: 3 }, () => 'id,email,createdAt,updatedAt,version'),
    )
  })
  await t.test('the log of the code is in the log of the server', async () => {
    observed.length = 0
    await run('log')
    const logged = observed.flatMap((one) => (one.kind === 'code' ? [one.of] : []))
    assert.deepEqual(logged, [
      { level: 'info', code: 'action wild', message: 'hello', fields: { a: 1 } },
      { level: 'error', code: 'action wild', message: 'bad', fields: { level: 'x', code: 'y' } },
    ])
  })
})
