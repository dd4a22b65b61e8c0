/** Actions whose code opens its transaction itself. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { problem } from '../../src/base/problem.ts'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code of these tests is made at run time, so its context has no types
type Context = any

async function open(t: TestContext) {
  let code: (ctx: Context) => unknown = () => undefined
  const design = {
    name: 'payments',
    entities: {
      Person: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
      Bill: {
        fields: {
          owner: { type: 'ref', entity: 'Person' },
          paid: { type: 'integer', default: 0 },
          total: { type: 'integer', default: 10 },
        },
        checks: { paid: { rule: 'size(marks) <= 1', message: 'a bill has one mark' } },
        access: { read: 'owner == auth.id', create: 'false', update: 'owner == auth.id', delete: 'false' },
        actions: {
          pay: {
            as: 'system',
            allow: 'owner == auth.id && paid < total',
            input: { amount: { type: 'integer', min: 1 } },
            run: (ctx: Context) => code(ctx),
            transaction: 'own',
            output: { paid: 'integer' },
          },
        },
      },
      Mark: {
        fields: { bill: { type: 'ref', entity: 'Bill', inverse: 'marks' } },
        access: { read: 'false', create: 'false', update: 'false', delete: 'false' },
      },
    },
  }
  const world = await testBackend(t, modelFrom(design), { connections: 1 })
  const [ann, bob] = await insertPeople(world, 'persons', [{ email: 'ann@example.org' }, { email: 'bob@example.org' }])
  const [bill] = await insertRows(world, 'bills', [{ owner_id: ann?.id, paid: 0, total: 10 }])
  const pay = (
    body: object = { amount: 4 },
    { token = ann?.token, headers = {} }: { token?: string | undefined; headers?: Record<string, string> } = {},
  ) => world.ask('POST', `/api/bills/${bill}/pay`, { token, body, headers })
  const paid = async () => (await world.sql('select paid::int from bills'))[0]?.paid
  const setCode = (next: typeof code): void => {
    code = next
  }
  return { world, bill, bob, pay, paid, setCode }
}

const add = ({ db, row, input }: Context) => db.system.Bill.update(row.id, { paid: { increment: input.amount } })

test('code waits outside of its transaction, which holds no connection, and then opens it', async (t) => {
  const { world, bob, pay, paid, setCode } = await open(t)
  let members: readonly string[] = []
  setCode(async (ctx) => {
    members = Object.keys(ctx).toSorted()
    const other = await world.ask('GET', '/api/bills', { token: bob?.token })
    assert.equal(other.status, 200, 'the only connection is free')
    const { paid } = await ctx.transaction(add)
    return { paid }
  })
  const done = await pay()
  assert.deepEqual([done.status, done.json], [200, { paid: 4 }], done.text)
  assert.deepEqual(members, ['caller', 'input', 'log', 'now', 'row', 'services', 'signal', 'transaction'])
  const query = `mutation { payBill(id: "${(await world.sql('select id from bills'))[0]?.id}", amount: 1) { paid } }`
  const { json } = await world.ask('POST', '/graphql', { token: await tokenOf(world), body: { query } })
  assert.deepEqual(json.data, { payBill: { paid: 5 } }, JSON.stringify(json))
  assert.equal(await paid(), 5)
})

async function tokenOf(world: Awaited<ReturnType<typeof open>>['world']): Promise<string> {
  const [ann] = await world.sql(`select id from persons where email = 'ann@example.org'`)
  return world.tokenFor(String(ann?.id))
}

test('what the action allows is judged before the code, and again in the transaction', async (t) => {
  const { world, bob, pay, paid, setCode } = await open(t)
  let runs = 0
  setCode(async ({ transaction }) => {
    runs++
    await world.sql('update bills set paid = 10')
    return { paid: (await transaction(add)).paid }
  })
  const hidden = await pay({ amount: 4 }, { token: bob?.token })
  assert.equal(hidden.status, 404, hidden.text)
  assert.equal((await pay({ amount: 0 })).status, 400)
  assert.equal(runs, 0)
  const late = await pay()
  assert.deepEqual([late.status, late.json.code, runs], [403, 'forbidden', 1], late.text)
  assert.equal(await paid(), 10)
})

test('a failure in the transaction undoes it; one after it does not', async (t) => {
  const { pay, paid, setCode, bill } = await open(t)
  setCode(({ transaction }) =>
    transaction(async (tx: Context) => {
      await add(tx)
      throw problem('declined', { status: 402 })
    }),
  )
  assert.equal((await pay()).json.code, 'declined')
  setCode(({ transaction }) =>
    transaction(async (tx: Context) => {
      for (const _ of [1, 2]) await tx.db.system.Mark.create({ bill: tx.row.id })
    }),
  )
  assert.equal((await pay()).json.code, 'check_failed')
  assert.equal(await paid(), 0)
  setCode(async ({ transaction, row }) => {
    assert.equal(row.id, bill)
    await transaction(add)
    throw problem('declined')
  })
  assert.equal((await pay()).json.code, 'declined')
  assert.equal(await paid(), 4)
})

test('the transaction is opened once, waited for, and not used after the code', async (t) => {
  const { pay, paid, setCode } = await open(t)
  setCode(async ({ transaction }) => {
    await transaction(add)
    await transaction(add)
  })
  assert.equal((await pay({ amount: 1 })).json.code, 'internal_error')
  assert.equal(await paid(), 1)
  setCode(({ transaction }) => void transaction(add))
  assert.equal((await pay({ amount: 1 })).json.code, 'internal_error')
  let kept: Context
  let db: Context
  setCode(async (ctx) => {
    kept = ctx
    await ctx.transaction((tx: Context) => {
      db = tx.db
    })
    return { paid: 0 }
  })
  assert.equal((await pay()).status, 200)
  await assert.rejects(kept.transaction(add), /after the code had ended/)
  await assert.rejects(db.Bill.list(), /after its transaction had ended/)
})

test('the types and the OpenAPI document know it', async (t) => {
  const { world } = await open(t)
  assert.match(codeTypes(world.model), /"Bill\.pay": \(ctx: OwnContext<Tables & \{ readonly system: SystemTables \}, Caller,/)
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  const { paths }: any = openapi(world.model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  const headers = (path: string) => paths[path].post.parameters.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1))
  assert.deepEqual(headers('/api/bills/{id}/pay').includes('IdempotencyKey'), false)
  assert.ok(headers('/api/persons').includes('IdempotencyKey'))
})

test('a request that needs one transaction around the action is refused', async (t) => {
  const { world, bill, pay, paid, setCode } = await open(t)
  setCode(async ({ transaction }) => ({ paid: (await transaction(add)).paid }))
  const keyed = await pay({ amount: 1 }, { headers: { 'idempotency-key': 'k1' } })
  assert.deepEqual([keyed.status, keyed.json.code], [400, 'malformed_request'], keyed.text)
  assert.match(keyed.json.detail, /opens its transaction itself/)
  const query = `mutation @atomic { a: payBill(id: "${bill}", amount: 1) { paid } b: payBill(id: "${bill}", amount: 1) { paid } }`
  const { json } = await world.ask('POST', '/graphql', { token: await tokenOf(world), body: { query } })
  assert.equal(json.errors[0].extensions.code, 'malformed_request', JSON.stringify(json))
  assert.equal(await paid(), 0)
})
