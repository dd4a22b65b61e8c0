/** First tests: what they ask follows from the design. `npm run test:scaffold` writes and runs those of seven designs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionSketches, hookSketches } from '../../../src/commands/scaffolding/sketch.ts'
import { testText } from '../../../src/commands/scaffolding/test-text.ts'
import { referenceOf } from '../../../src/verify/expected/reference.ts'
import { worldOf } from '../../../src/verify/worlds/world-of.ts'
import { load } from '../loaded.ts'

async function asked(file: string) {
  const { design, model } = await load(file)
  const world = worldOf(design, model, 'x')
  return { model, asking: { reference: referenceOf(design, model, world.rows), world } }
}

test('a transition is asked by nobody, by who may not, from another state, and by who may, whose row has the new state', async () => {
  const { model, asking } = await asked('test/actions/designs/helpdesk.yaml')
  const solve = model.actions.find(({ name }) => name === 'solve') ?? assert.fail('no action')
  const sketches = actionSketches(asking, solve)
  assert.deepEqual(
    sketches.map(({ name, check }) => [name, check.kind === 'status' ? check.status : check.kind]),
    [
      ['nobody who is not signed in calls Ticket.solve', 401],
      ['a caller whom the rule does not name is refused by Ticket.solve', 403],
      ['Ticket.solve is refused from a state that it does not leave', 409],
      ['who may call Ticket.solve is not refused', 'moved'],
    ],
  )
  const text = testText(asking.reference, { about: 'action Ticket.solve', design: './design.yaml', variables: {}, sketches })
  assert.match(text, /const caller = await api\.signIn\(\{ role: 'agent' \}\)/)
  assert.match(text, /const ticket = await api\.insert\('Ticket', \{ desk: desk\.id, requester: user\.id, status: 'open' \}\)/)
  assert.match(text, /caller\.request\('POST', `\/api\/tickets\/\$\{ticket\.id\}\/solve`\)/)
  assert.match(text, /where id = \$1', \[ticket\.id\]\), \[\{ state: 'solved' \}\]\)/)
  // The same design gives the same text.
  assert.equal(testText(asking.reference, { about: 'action Ticket.solve', design: './design.yaml', variables: {}, sketches }), text)
})

test('an action is refused without its inputs, and a hook ends its write without a defect', async () => {
  const { model, asking } = await asked('test/verify/designs/bad/design.yaml')
  const confirm = model.actions.find(({ name }) => name === 'confirm') ?? assert.fail('no action')
  const story = model.entities.find(({ name }) => name === 'Story') ?? assert.fail('no entity')
  const [hook = assert.fail('no hook')] = story.hooks
  const missing = actionSketches(asking, confirm).find(({ name }) => name === 'confirm is refused without password')
  assert.deepEqual([missing?.sent.body, missing?.check], [{}, { kind: 'status', status: 400 }])
  assert.deepEqual(
    hookSketches(asking, story, hook).map(({ user, check }) => [user === null, check.kind]),
    [
      [false, 'no-defect'],
      [true, 'status'],
    ],
  )
})

test('rows of first tests have the values that the checks of the design compare', async () => {
  const { model, asking } = await asked('test/verify/foreign/booking.yaml')
  const cancel = model.actions.find(({ name }) => name === 'cancel') ?? assert.fail('no action')
  const sketches = actionSketches(asking, cancel)
  const text = testText(asking.reference, { about: 'action Booking.cancel', design: './design.yaml', variables: {}, sketches })
  const bookings = [...text.matchAll(/insert\('Booking', .* startsAt: '(.*?)', endsAt: '(.*?)'/g)]
  assert.equal(bookings.length, text.match(/insert\('Booking'/g)?.length)
  for (const [, startsAt = '', endsAt = ''] of bookings) {
    const hours = (Date.parse(endsAt) - Date.parse(startsAt)) / 3_600_000
    assert.ok(hours > 0 && hours <= 72, `${startsAt} to ${endsAt}`)
  }
})
