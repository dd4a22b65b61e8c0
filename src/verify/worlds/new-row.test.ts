import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { type CasePlan, casesOf } from '../cases/cases-of.ts'
import { ALL } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'

/** Reviews of finished bookings of rooms, one for each; rooms have ids that clients choose, and invitations have tokens. */
const DESIGN = {
  name: 'rooms',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role', takenLogin: 'conflict' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['guest', 'host'], default: 'guest', write: 'auth.role == "host"' },
      },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Room: {
      fields: { id: { type: 'text', pattern: '^[A-B][0-9]{2}$', max: 3 }, seats: { type: 'integer', min: 1, max: 9 } },
      access: { read: 'true', create: 'auth.role == "host"', update: 'false', delete: 'auth.role == "host"' },
    },
    Booking: {
      fields: {
        number: { type: 'sequence' },
        secret: { type: 'token' },
        room: { type: 'ref', entity: 'Room', inverse: 'bookings' },
        guest: { type: 'ref', entity: 'User', set: 'auth.id' },
        from: { type: 'timestamp' },
        to: { type: 'timestamp' },
        state: { type: 'choice', values: ['asked', 'done'], default: 'asked', write: 'auth.role == "host"' },
        days: { type: 'decimal', precision: 6, scale: 2, default: '0.00' },
      },
      checks: { times: { rule: 'to > from && to - from <= duration("30h")', message: 'is too long' } },
      unique: [{ fields: ['room', 'from'], where: 'state == "asked"' }],
      access: { read: 'guest == auth.id || auth.role == "host"', create: 'from > now()', update: 'guest == auth.id', delete: 'false' },
    },
    Review: {
      fields: {
        booking: { type: 'ref', entity: 'Booking', inverse: 'reviews', unique: true, immutable: true },
        stars: { type: 'integer', min: 1, max: 5 },
        key: { type: 'token' },
        code: { type: 'text', max: 8, default: { expression: 'random(6)' }, write: 'false' },
      },
      access: {
        read: 'true',
        create: 'booking.guest == auth.id && booking.state == "done"',
        update: 'booking.guest == auth.id',
        delete: 'booking.guest == auth.id && booking.state == "done"',
      },
    },
  },
} as unknown as WrittenDesign

const { model, diagnostics } = resolveDesign(DESIGN, NO_SOURCE)
assert.ok(model !== null, JSON.stringify(diagnostics))
const plan: CasePlan = casesOf(DESIGN, model, 'hash')

test('rows are created with a reference of their own, chosen ids, tokens and random values, and times that keep their distance', () => {
  assert.deepEqual(
    plan.plans.flatMap(({ claim, open }) => open.map((value) => `${claim.id} ${value}`)),
    [],
  )
  assert.deepEqual(
    plan.values.flatMap(({ id, open }) => (open.includes('absent') ? [id] : [])).filter((id) => id !== 'values/Review.code'),
    [],
  )
})

test('rows that are made like others have numbers and tokens of their own', () => {
  const bookings = plan.world.rows.get('Booking') ?? []
  for (const name of ['number', 'secret']) assert.equal(new Set(bookings.map((row) => row[name])).size, bookings.length, name)
})

test('an id that another row has is refused', () => {
  const reference = referenceOf(DESIGN, model, plan.world.rows)
  const host = plan.world.rows.get('User')?.find(({ role }) => role === 'host')
  const rooms = plan.world.rows.get('Room') ?? []
  assert.equal(new Set(rooms.map(({ id }) => id)).size, rooms.length)
  const create = (id: unknown) =>
    expectationOf(reference, String(host?.id), { kind: 'create', entity: 'Room', rows: [{ id, seats: 2 }], many: false, selected: ALL })
  assert.deepEqual(create(rooms[0]?.id).statuses, [409])
  assert.deepEqual(create('B99').statuses, [201])
})

test('what only an anonymous caller could show is unreachable where the rule before refuses all of them', () => {
  const update = plan.plans.find(({ claim }) => claim.id === 'access/Booking.update.from')
  assert.deepEqual(update?.unreachable, ['guest==auth.id/unknown'])
})
