/** The helpdesk: tickets with numbers for each desk, a due date and states. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows, openDesign, type Person } from './action-world.ts'

async function openDesks(t: TestContext) {
  const world = await openDesign(t, 'helpdesk.yaml')
  const [agent, ann, bob] = await insertPeople(
    world,
    'users',
    (['agent', 'customer', 'customer'] as const).map((role, i) => ({ name: `user ${i}`, email: `user${i}@example.org`, role })),
  )
  assert.ok(agent !== undefined && ann !== undefined && bob !== undefined)
  const [desk, other] = await insertRows(world, 'desks', [
    { name: 'sales', answers_within: '1 day' },
    { name: 'repairs', answers_within: '2 days' },
  ])
  const act = (person: Person | undefined, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body, headers })
  const file = async (person: Person, more: Readonly<Record<string, unknown>> = {}) => {
    const { status, json, text } = await act(person, 'tickets', { desk, subject: 'no light', ...more })
    assert.equal(status, 201, text)
    return json
  }
  /** Minutes between the last change of a ticket and its due date; null for none. */
  const dueIn = async (id: string) => {
    const [row] = await world.sql('select extract(epoch from due_at - updated_at)::numeric / 60 as due from tickets where id = $1', [id])
    return row?.due === null ? null : Number(row?.due)
  }
  return { world, agent, ann, bob, desk, other, act, file, dueIn }
}

const HOUR = 60

test('tickets get numbers for each desk, their requester and a due date', async (t) => {
  const { world, ann, bob, other, act, file, dueIn } = await openDesks(t)
  const filed = [await file(ann), await file(bob), await file(ann, { desk: other }), await file(ann, { urgent: true })]
  assert.deepEqual(
    filed.map(({ number, requester, status, handler }) => [number, requester, status, handler]),
    [
      [1, ann.id, 'new', null],
      [2, bob.id, 'new', null],
      [1, ann.id, 'new', null],
      [3, ann.id, 'new', null],
    ],
  )
  assert.deepEqual(await Promise.all(filed.map(({ id }) => dueIn(id))), [24 * HOUR, 24 * HOUR, 48 * HOUR, 2 * HOUR])
  for (const sent of [{ requester: bob.id }, { number: 9 }, { dueAt: '2030-01-01T00:00:00Z' }, { status: 'solved' }]) {
    const { status, json, text } = await act(ann, 'tickets', { desk: other, subject: 'x', ...sent })
    assert.ok(status === 400 || status === 403, text)
    assert.ok(['validation_failed', 'forbidden'].includes(json.code), text)
  }
  assert.deepEqual(await world.sql('select count(*)::int as n from tickets'), [{ n: 4 }])
})

test('an agent replies and the requester responds', async (t) => {
  const { world, agent, ann, bob, act, file, dueIn } = await openDesks(t)
  const { id } = await file(ann)
  const at = (move: string) => `tickets/${id}/${move}`
  const text = { text: 'please switch it on' }
  assert.equal((await act(ann, at('reply'), text)).status, 403)
  assert.equal((await act(bob, at('respond'), text)).status, 404)
  assert.equal((await act(undefined, at('reply'), text)).status, 401)
  const empty = await act(agent, at('reply'), { text: '' })
  assert.deepEqual([empty.status, empty.json.errors?.[0]?.pointer], [400, '/text'], empty.text)
  const replied = await act(agent, at('reply'), text)
  assert.deepEqual(
    [replied.status, replied.json.status, replied.json.dueAt, replied.json.handler],
    [200, 'pending', null, agent.id],
    replied.text,
  )
  const responded = await act(ann, at('respond'), { text: 'it is on' })
  assert.deepEqual([responded.status, responded.json.status], [200, 'open'], responded.text)
  assert.equal(await dueIn(id), 24 * HOUR)
  // A due date that is there already stays as it is.
  await world.sql("update tickets set due_at = now() + interval '5 hours'")
  assert.equal((await act(ann, at('respond'), { text: 'and now?' })).status, 200)
  const [kept] = await world.sql("select due_at > now() + interval '4 hours' and due_at < now() + interval '6 hours' as kept from tickets")
  assert.deepEqual(kept, { kept: true })
  const { json } = await world.ask('GET', '/api/messages', { token: ann.token })
  assert.deepEqual(
    json.data.map((message: { author: string; text: string }) => [message.author, message.text]),
    [
      [agent.id, 'please switch it on'],
      [ann.id, 'it is on'],
      [ann.id, 'and now?'],
    ],
  )
  assert.deepEqual((await world.ask('GET', '/api/messages', { token: bob.token })).json.data, [])
})

test('a ticket moves only as its workflow says', async (t) => {
  const { world, agent, ann, act, file } = await openDesks(t)
  const { id } = await file(ann)
  const at = (move: string) => `tickets/${id}/${move}`
  const illegal = await act(agent, at('close'))
  assert.deepEqual(
    [illegal.status, illegal.json.code, illegal.json.detail],
    [409, 'illegal_transition', 'this Ticket is new and cannot close'],
  )
  // A refused move writes no message.
  await world.sql("update tickets set status = 'closed'")
  for (const [person, move] of [
    [agent, 'reply'],
    [ann, 'respond'],
    [agent, 'solve'],
  ] as const) {
    const { status, json, text } = await act(person, at(move), move === 'solve' ? undefined : { text: 'hello' })
    assert.deepEqual([status, json.code], [409, 'illegal_transition'], text)
  }
  assert.deepEqual(await world.sql('select count(*)::int as n from messages'), [{ n: 0 }])
  const written = await world.ask('PATCH', `/api/tickets/${id}`, { token: agent.token, body: { status: 'open' } })
  assert.equal(written.status, 403, written.text)
  await world.sql("update tickets set status = 'open'")
  assert.equal((await act(ann, at('solve'))).status, 403)
  assert.equal((await act(agent, at('solve'))).json.status, 'solved')
  assert.equal((await act(undefined, at('close'))).status, 401)
  assert.equal((await act(ann, at('close'))).json.status, 'closed')
})

test('of 50 who move a ticket at once, one takes effect when the move is legal, and none when it is not', async (t) => {
  const { world, agent, ann, act, file } = await openDesks(t)
  const { id, version } = await file(ann)
  const moves = async (move: string) => {
    const done = await Promise.all(Array.from({ length: 50 }, () => act(agent, `tickets/${id}/${move}`)))
    return Object.fromEntries(
      Object.entries(Object.groupBy(done, ({ status, json }) => `${status} ${json.code ?? ''}`.trim())).map(([key, of]) => [
        key,
        of?.length,
      ]),
    )
  }
  assert.deepEqual(await moves('solve'), { '409 illegal_transition': 50 })
  const [unchanged] = await world.sql('select status, version::int from tickets')
  assert.deepEqual(unchanged, { status: 'new', version })
  await world.sql("update tickets set status = 'open'")
  assert.deepEqual(await moves('solve'), { '200': 1, '409 illegal_transition': 49 })
  assert.deepEqual(await moves('close'), { '200': 1, '409 illegal_transition': 49 })
  const [closed] = await world.sql('select status, version::int from tickets')
  assert.deepEqual(closed, { status: 'closed', version: version + 2 })
})

test('tickets past their due date become urgent', async (t) => {
  const { world, agent, ann, act, file } = await openDesks(t)
  const [late, later, pending] = [await file(ann), await file(ann), await file(ann)]
  await world.sql("update tickets set due_at = now() - interval '1 minute' where id = any($1)", [[late.id, pending.id]])
  await world.sql("update tickets set status = 'pending' where id = $1", [pending.id])
  assert.equal((await act(ann, 'actions/overdue')).status, 403)
  assert.equal((await act(agent, 'actions/overdue')).status, 204)
  const urgent = async () => (await world.sql('select id from tickets where urgent order by id')).map(({ id }) => id)
  assert.deepEqual(await urgent(), [late.id])
  const [before] = await world.sql('select version::int from tickets where id = $1', [late.id])
  assert.equal((await act(agent, 'actions/overdue')).status, 204)
  assert.deepEqual(await world.sql('select version::int from tickets where id = $1', [late.id]), [before])
  assert.ok(later.id !== undefined)
})

test('GraphQL moves tickets and shows them', async (t) => {
  const { world, agent, ann, file } = await openDesks(t)
  const { id } = await file(ann)
  const query = `mutation { replyTicket(id: "${id}", text: "hello") { status dueAt number handler { name } messages(first: 5) { nodes { text author { name } } } } }`
  const { json, text } = await world.ask('POST', '/graphql', { token: agent.token, body: { query } })
  assert.equal(json.errors, undefined, text)
  assert.deepEqual(json.data.replyTicket, {
    status: 'pending',
    dueAt: null,
    number: 1,
    handler: { name: 'user 0' },
    messages: { nodes: [{ text: 'hello', author: { name: 'user 0' } }] },
  })
})
