import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { ALL } from '../expected/abstract-request.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'

const CONCERT = '01900000-0000-7000-8000-000000000001'

test('a sum of durations is answered as a duration, also of no rows', () => {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const design = {
    name: 'demo',
    entities: {
      Concert: { fields: { length: { type: 'computed', expression: 'pieces.sum(p, p.length)' } }, access },
      Piece: {
        fields: { concert: { type: 'ref', entity: 'Concert', inverse: 'pieces' }, length: { type: 'duration' } },
        access,
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const concert = { id: CONCERT, version: 1 }
  const lengthOf = (pieces: readonly string[]): unknown => {
    const rows = new Map([
      ['Concert', [concert]],
      ['Piece', pieces.map((length, n) => ({ id: CONCERT.replace(/1$/, String(n + 2)), concert: CONCERT, length, version: 1 }))],
    ])
    const reference = referenceOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), rows)
    return reference.sightOf(null).show('Concert', concert, ALL).length
  }
  assert.equal(lengthOf([]), 'PT0S')
  assert.equal(lengthOf(['PT10M', 'PT1H5M']), 'PT1H15M')
})
