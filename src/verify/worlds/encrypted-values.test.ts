import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { entityNamed, fieldNamed } from '../../model/model.ts'
import { clearRow, storedValue } from './encrypted-values.ts'

const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const design = { name: 'x', entities: { Note: { fields: { text: { type: 'text', encrypted: true } }, access } } }

test('a value in clear text, and one of another row, are told from an encrypted one', () => {
  const { model } = resolveDesign(design, NO_SOURCE)
  assert.ok(model !== null)
  const entity = entityNamed(model, 'Note')
  const stored = storedValue(fieldNamed(entity, 'text'), { id: '1' }, 'secret')
  assert.match(String(stored), /^pln1\.verify\.\.r\./)
  assert.equal(clearRow(entity, { id: '1', text: stored }).text, 'secret')
  assert.match(String(clearRow(entity, { id: '2', text: stored }).text), /^\(not readable\)/)
  assert.equal(clearRow(entity, { id: '1', text: 'secret' }).text, '(not encrypted) secret')
})
