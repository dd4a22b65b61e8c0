import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entity } from '../../model/model.ts'
import { wrongInChangedRow, wrongInNewRow } from './maintained.ts'
import type { PlainRow } from './oracle-rows.ts'

const entity = { fields: ['id', 'createdAt', 'updatedAt'].map((name) => ({ name, system: name })) } as unknown as Entity

/** A row of a moment that is some hours away. */
function row(id: string, hours = 0): PlainRow {
  const at = new Date(Date.now() + hours * 3_600_000).toISOString()
  return { id, createdAt: at, updatedAt: at }
}

const ID = '0191f3c0-7a2b-7c3d-8e4f-000000000001'

test('a new row has an id of version 7 and the times of now', () => {
  assert.equal(wrongInNewRow(entity, row(ID)), null)
  assert.match(wrongInNewRow(entity, row('0191f3c0-7a2b-4c3d-8e4f-000000000001')) ?? '', /no UUID of version 7/)
  assert.match(wrongInNewRow(entity, row(ID, -48)) ?? '', /createdAt .* not now/)
  assert.match(wrongInNewRow(entity, { ...row(ID), updatedAt: null }) ?? '', /updatedAt null/)
})

test('a change renews one of the times', () => {
  const before = row(ID, -48)
  assert.equal(wrongInChangedRow(entity, before, { ...before, updatedAt: row(ID).updatedAt ?? null }), null)
  assert.match(wrongInChangedRow(entity, before, before) ?? '', /as before/)
  assert.match(wrongInChangedRow(entity, before, row(ID)) ?? '', /createdAt/)
})
