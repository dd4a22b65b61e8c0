import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { ALL } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { allCasesOf } from '../families/all-cases.ts'

const DESIGN = {
  name: 'claims',
  entities: {
    Account: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { create: 'true', read: 'id == auth.id', update: 'false', delete: 'false' },
    },
    Document: {
      fields: {
        owner: { type: 'ref', entity: 'Account', set: 'auth.id' },
        title: { type: 'text', max: 100, immutable: true },
        file: { type: 'file', optional: true, write: 'owner == auth.id' },
      },
      access: { read: 'owner == auth.id', create: 'auth.id != null', update: 'true', delete: 'false' },
    },
  },
  actions: { cleanUp: { as: 'system', allow: 'false', steps: [{ delete: 'Document', where: 'title == "old"' }] } },
} as unknown as WrittenDesign

const { model, diagnostics } = resolveDesign(DESIGN, NO_SOURCE)
assert.ok(model !== null, JSON.stringify(diagnostics))
const plan = allCasesOf(DESIGN, model, 'hash')

test('a replacement that leaves out a file keeps it, so one that sets nothing else changes nothing', () => {
  const reference = referenceOf(DESIGN, model, plan.world.rows)
  const [row] = plan.world.rows.get('Document') ?? []
  assert.ok(row !== undefined)
  const asked = { kind: 'update', entity: 'Document', mode: 'put', id: String(row.id), body: {}, version: null, selected: ALL } as const
  const { statuses, change } = expectationOf(reference, String(row.owner), asked)
  assert.deepEqual([statuses, change.kind === 'updated' && change.row], [[200], row])
})

test('no case sets a file, which it has no upload for, or calls an action that nobody may call', () => {
  assert.ok(plan.plans.every(({ claim }) => claim.id !== 'access/Document.file.write'))
  assert.ok(plan.families.every(({ id }) => id !== 'actions/cleanUp'))
  assert.ok(plan.left.some(({ what }) => what.includes('cleanUp')))
})
