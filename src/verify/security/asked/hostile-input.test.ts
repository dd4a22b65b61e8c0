import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../../design/findings/source.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { referenceOf } from '../../expected/reference.ts'
import type { WrittenDesign } from '../../expected/written-design.ts'
import { worldOf } from '../../worlds/world-of.ts'
import { headerRequests } from '../hostile-texts.ts'
import { hostileInput } from './hostile-input.ts'

/** The goals of a design with one entity. */
function goalsOf(fields: object): readonly string[] {
  const written = { name: 'notes', entities: { Note: { fields, access: { read: 'true', create: 'true' } } } }
  const { model } = resolveDesign(written, NO_SOURCE)
  const design = written as unknown as WrittenDesign
  const [entity] = model?.entities ?? []
  assert.ok(model !== null && entity !== undefined)
  const world = worldOf(design, model, '')
  const { plan } = hostileInput({ reference: referenceOf(design, model, world.rows), world }, entity, { forms: true })
  return plan.asked
}

test('an entity without a value that a body may hold counts no values of bodies', () => {
  assert.ok(goalsOf({ text: { type: 'text', max: 9 } }).includes('create/types'))
  const closed = goalsOf({ done: { type: 'boolean', default: false, write: 'false' } })
  assert.ok(!closed.includes('create/types'))
  assert.ok(closed.includes('create/json'))
})

test('headers that say nothing about the body are sent with one that can be read', () => {
  const requests = headerRequests({ method: 'PATCH', url: '/', body: { text: 'x' } })
  const bodies = (name: string): readonly unknown[] =>
    requests.filter(({ headers }) => Object.hasOwn(headers ?? {}, name)).map(({ body }) => body)
  for (const name of ['if-match', 'idempotency-key', 'prefer'])
    assert.ok(bodies(name).length > 3 && bodies(name).every((body) => typeof body === 'object'), name)
  assert.ok(bodies('content-type').every((body) => body === '{'))
})
