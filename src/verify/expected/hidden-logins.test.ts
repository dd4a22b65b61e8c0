import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { AbstractRequest } from './abstract-request.ts'
import { ALL } from './abstract-request.ts'
import { expecting } from './expected.ts'
import { hidingLogins } from './hidden-logins.ts'
import { referenceOf } from './reference.ts'
import type { WrittenDesign } from './written-design.ts'

const ADMIN = '01900000-0000-7000-8000-000000000001'
const USER = '01900000-0000-7000-8000-000000000002'
const CREATE: AbstractRequest = { kind: 'create', entity: 'User', rows: [{}], many: false, selected: ALL }

/** The statuses of a create that succeeds. */
function statusesFor(caller: string | null, takenLogin: object): readonly number[] {
  const design = {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role', ...takenLogin },
        fields: {
          email: { type: 'email', unique: true, read: 'id == auth.id || auth.role == "admin"' },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const accounts = [
    { id: ADMIN, email: 'a@example.org', role: 'admin', version: 1 },
    { id: USER, email: 'b@example.org', role: 'user', version: 1 },
  ]
  const reference = referenceOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), new Map([['User', accounts]]))
  return hidingLogins({ reference, sight: reference.sightOf(caller) }, CREATE, expecting(201, 'every rule holds')).statuses
}

test('a new account is answered 202 to those who may not read all logins, unless the design says otherwise', () => {
  assert.deepEqual(statusesFor(null, {}), [202])
  assert.deepEqual(statusesFor(USER, {}), [202])
  assert.deepEqual(statusesFor(ADMIN, {}), [201, 202])
  assert.deepEqual(statusesFor(ADMIN, { takenLogin: 'accepted' }), [202])
  assert.deepEqual(statusesFor(USER, { takenLogin: 'conflict' }), [201])
})
