import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WrittenDesign } from '../expected/written-design.ts'
import { promisedEvents, reactedTo } from './promised-events.ts'

const design: WrittenDesign = {
  name: 'demo',
  on: { 'Note.created': [], 'Note.updated': [], 'Note.deleted': [], 'Note.publish': [], 'Other.deleted': [] },
  entities: { Note: { fields: {} }, Other: { fields: {} }, Quiet: { fields: {} } },
}
const row = (id: string, more: object = {}) => ({ id, version: 1, ...more })

function events(
  before: Readonly<Record<string, readonly object[]>>,
  after: Readonly<Record<string, readonly object[]>>,
): readonly string[] {
  const [was, is] = [before, after].map((rows) => new Map(Object.entries(rows)) as Parameters<typeof promisedEvents>[1])
  if (was === undefined || is === undefined) return []
  return promisedEvents(design, was, is).map(({ entity, happening, rowId }) => `${entity}.${happening} ${rowId}`)
}

test('a row that is new, changed or gone is one event, and an unchanged one is none', () => {
  const before = { Note: [row('a'), row('b'), row('c')], Other: [], Quiet: [row('q')] }
  const after = { Note: [row('a'), row('b', { version: 2 }), row('d')], Other: [], Quiet: [] }
  assert.deepEqual(events(before, after), ['Note.updated b', 'Note.deleted c', 'Note.created d'])
  assert.deepEqual(events(before, before), [])
})

test('only what the design reacts to is promised', () => {
  assert.deepEqual(events({ Other: [row('a')] }, { Other: [row('b')] }), ['Other.deleted a'])
  assert.deepEqual(reactedTo(design, 'Note'), ['created', 'updated', 'deleted', 'publish'])
  assert.deepEqual(reactedTo(design, 'Quiet'), [])
})

test('a row that is marked as deleted is gone, and what becomes of it later is no event', () => {
  const [live, dead] = [row('a', { deletedAt: null }), row('a', { deletedAt: '2026-01-01T00:00:00.000Z' })]
  assert.deepEqual(events({ Note: [live] }, { Note: [dead] }), ['Note.deleted a'])
  assert.deepEqual(events({ Note: [dead] }, { Note: [] }), [])
})
