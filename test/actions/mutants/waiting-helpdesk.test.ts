/** Each lock of the helpdesk: a move of a ticket waits for another transaction and is judged on what that one has written. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asking, insertPeople, insertRows, openDesign, waiting } from '../action-world.ts'

test('a move of a ticket waits for another one', { timeout: 60_000 }, async (t) => {
  const world = await openDesign(t, 'helpdesk.yaml')
  const act = asking(world)
  const [agent, ann] = await insertPeople(world, 'users', [
    { name: 'agent', email: 'agent@example.org', role: 'agent' },
    { name: 'ann', email: 'ann@example.org', role: 'customer' },
  ])
  const [desk] = await insertRows(world, 'desks', [{ name: 'sales', answers_within: '1 day' }])
  const { json } = await act(ann, 'tickets', { desk, subject: 'no light' })
  for (const [person, move, from, to] of [
    [agent, 'reply', 'new', 'closed'],
    [ann, 'respond', 'open', 'closed'],
    [agent, 'solve', 'open', 'closed'],
    [ann, 'close', 'solved', 'open'],
  ] as const) {
    await world.sql('update tickets set status = $1', [from])
    const body = move === 'reply' || move === 'respond' ? { text: 'hello' } : {}
    const refused = await waiting(world, { sql: `update tickets set status = '${to}'` }, () =>
      act(person, `tickets/${json.id}/${move}`, body),
    )
    assert.deepEqual([refused.json.code, move], ['illegal_transition', move], refused.text)
    assert.deepEqual(await world.sql('select status from tickets'), [{ status: to }])
  }
})
