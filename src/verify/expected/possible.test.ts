import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canBeTrue, type Surroundings } from './possible.ts'

/** Where references and relations lead. */
const TARGETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Booking: { room: 'Room', guest: 'User' },
  Room: { venue: 'Venue', bookings: 'Booking' },
  Venue: { owner: 'User', rooms: 'Room' },
}

/** A caller who is not signed in, and may update no venue, but some rooms. */
const ANYBODY: Surroundings = {
  caller: { claims: new Map(), session: null },
  rules: { manages: 'can("update", room.venue)' },
  decide: () => null,
  entity: 'Booking',
  target: (entity, name) => TARGETS[entity]?.[name] ?? null,
  canHold: (_, entity) => entity !== 'Venue',
}

test('a rule that asks whether a row behind references may be changed is false where the rule of that row is', () => {
  assert.equal(canBeTrue('can("update", room.venue)', ANYBODY), false)
  assert.equal(canBeTrue('can("update", room)', ANYBODY), true)
  assert.equal(canBeTrue('guest == auth.id || manages', ANYBODY), false)
  assert.equal(canBeTrue('!can("update", room.venue)', ANYBODY), true)
})

test('the rows of a quantifier and what they refer to are rows of their entities', () => {
  const venue = { ...ANYBODY, entity: 'Venue' }
  assert.equal(canBeTrue('rooms.exists(r, can("update", r))', venue), true)
  assert.equal(canBeTrue('rooms.exists(r, can("update", r.venue))', venue), false)
  assert.equal(canBeTrue('rooms.exists(r, r.bookings.exists(b, can("update", b.room.venue)))', venue), false)
  assert.equal(canBeTrue('rooms.all(r, can("update", r.venue))', venue), true)
})

test('of a row whose entity is not known, everything is possible', () => {
  assert.equal(canBeTrue('can("update", room.nothing)', ANYBODY), true)
  assert.equal(canBeTrue('can("update", room.venue)', { ...ANYBODY, entity: null }), true)
})
