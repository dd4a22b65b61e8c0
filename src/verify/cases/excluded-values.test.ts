import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { excludedValues } from './excluded-values.ts'
import { ruleClaims } from './rule-claims.ts'

const FIELDS = {
  owner: { type: 'ref', entity: 'User', inverse: 'notes', set: 'auth.id' },
  team: { type: 'ref', entity: 'Team', inverse: 'notes', immutable: true },
  parent: { type: 'ref', entity: 'Note', inverse: 'replies', optional: true, immutable: true },
  state: { type: 'choice', values: ['draft', 'open', 'shut'], default: 'draft' },
  size: { type: 'integer', default: 1 },
  secret: { type: 'text', optional: true, write: 'version == 1 || owner == auth.id' },
}

/** The excluded values of the rules of a design with these rules, by claim. */
function excluded(access: object, { read, workflows }: { readonly read?: string; readonly workflows?: object } = {}) {
  const design = {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
      },
      Team: {
        fields: { name: { type: 'text' } },
        access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      },
      Note: { fields: FIELDS, access: { read: read ?? 'true', ...access } },
    },
    ...(workflows === undefined ? {} : { workflows }),
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  if (model === null) assert.fail(JSON.stringify(diagnostics))
  const found = ruleClaims(design, model).map((claim) => {
    const names = excludedValues(design, { design, model, entity: claim.entity }, claim)
    return [claim.id.replace('access/', ''), [...names]] as const
  })
  return Object.fromEntries(found.filter(([id]) => id.startsWith('Note')))
}

test('a rule that a change cannot make false is not false after it', () => {
  const { 'Note.update.to': to, 'Note.update.from': from } = excluded({ update: 'owner == auth.id' })
  assert.deepEqual(from, [])
  assert.deepEqual(to, ['owner==auth.id/false', 'owner==auth.id/unknown'])
})

test('what a change can make false is not excluded', () => {
  const { 'Note.update.to': to } = excluded({ update: 'owner == auth.id && state == "draft"' })
  assert.deepEqual(to, ['owner==auth.id/false', 'owner==auth.id/unknown'])
  const moved = { w: { entity: 'Note', field: 'state', initial: 'draft', transitions: { shut: { from: 'draft', to: 'shut' } } } }
  const { 'Note.update.to': kept } = excluded({ update: 'owner == auth.id && state == "draft"' }, { workflows: moved })
  assert.deepEqual(kept, ['owner==auth.id/false', 'owner==auth.id/unknown', 'state=="draft"/false'])
})

test('a row that is not seen is not refused', () => {
  const { 'Note.delete': del } = excluded({ delete: 'owner == auth.id' }, { read: 'owner == auth.id' })
  assert.deepEqual(del, ['owner==auth.id/false', 'owner==auth.id/unknown'])
})

test('what the row behind a missing reference has does not decide where the rule allows a missing one', () => {
  const { 'Note.read': read } = excluded({}, { read: 'parent == null || parent.team == team' })
  assert.deepEqual(read, ['parent.team==team/unknown'])
})

test('two conditions on one value exclude each other', () => {
  const { 'Note.read': read } = excluded({}, { read: 'size > 3 && size <= 2' })
  assert.deepEqual(read, ['size>3/true', 'size<=2/true'])
  assert.deepEqual(excluded({}, { read: 'size > 3 && size < 9' })['Note.read'], [])
  assert.deepEqual(excluded({}, { read: 'state == "open" || state == "shut"' })['Note.read'], [])
})

test('a new row has the state in which it begins, and the caller in the field that the server sets', () => {
  const moved = { w: { entity: 'Note', field: 'state', initial: 'draft', transitions: { shut: { from: 'draft', to: 'shut' } } } }
  const { 'Note.create': create } = excluded({ create: 'owner == auth.id && state == "draft"' }, { workflows: moved })
  assert.deepEqual(create, ['owner==auth.id/false', 'state=="draft"/false'])
})

test('the version of a row that was changed is not 1, but that of a new one is', () => {
  const { 'Note.secret.write': write } = excluded({ update: 'true', create: 'true' })
  assert.deepEqual(write, [])
  const { 'Note.update.to': to } = excluded({ update: { from: 'true', to: 'version == 1 || owner == auth.id' } })
  assert.deepEqual(to, ['version==1/true'])
})
