/** What the reference of verify says about values that need no database: lengths of time, JSON, and fields that the server sets. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '../../src/verify/expected/canonical.ts'
import { createdRow } from '../../src/verify/expected/expectation-write.ts'
import { referenceOf } from '../../src/verify/expected/reference.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { CLOSED, modelOf } from '../support/resolved.ts'

const DESIGN = {
  name: 'desk',
  entities: {
    Desk: { access: CLOSED, fields: { answersWithin: { type: 'duration' } } },
    Ticket: {
      access: CLOSED,
      fields: {
        urgent: { type: 'boolean', default: false },
        desk: { type: 'ref', entity: 'Desk' },
        meta: { type: 'json', optional: true },
        opens: { type: 'timestamp' },
        closes: { type: 'timestamp' },
        open: { type: 'computed', expression: 'closes - opens' },
        within: { type: 'duration', optional: true, set: 'urgent ? duration("2h") : desk.answersWithin' },
      },
    },
  },
} as const

const id = '01900000-0000-7000-8000-000000000001'

test('a row that the reference expects has lengths of time, and the values that the server sets from other rows', () => {
  const model = modelOf(DESIGN)
  const rows = new Map([['Desk', [{ id, answersWithin: 'P1DT12H', version: 1 }]]])
  const reference = referenceOf(DESIGN as unknown as WrittenDesign, model, rows)
  const entity = model.entities.find(({ name }) => name === 'Ticket') ?? assert.fail()
  const at = { reference, user: null, sight: reference.sightOf(null), entity }
  const body = { desk: id, meta: { a: [1, null] }, opens: '2026-01-01T08:00:00Z', closes: '2026-01-02T09:30:00Z' }
  const row = createdRow(at, body)
  assert.deepEqual([row.within, row.open, row.meta], ['P1DT12H', 'P1DT1H30M', { a: [1, null] }])
  assert.equal(createdRow(at, { ...body, urgent: true }).within, 'PT2H')
  assert.equal(reference.sightOf(null).full.decide({ ...question(row), source: 'meta != null && open > duration("1h")' }), true)
})

function question(row: ReturnType<typeof createdRow>) {
  return { entity: 'Ticket', row, caller: { claims: new Map(), session: null }, input: {}, now: new Date() }
}

test('weeks are stored as days, and times with seconds', () => {
  const type = { kind: 'scalar', scalar: 'duration', min: null, max: null, pattern: null, precision: null } as const
  assert.equal(canonical(type, 'P2W'), 'P14D')
  assert.deepEqual(
    ['09:30', '09:30:00.000', '09:30:15.250'].map((time) => canonical({ ...type, scalar: 'time' }, time)),
    ['09:30:00', '09:30:00', '09:30:15.25'],
  )
})
