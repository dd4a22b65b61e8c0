import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import { firstSteps } from './first-steps.ts'

function modelOf(design: object): Model {
  const { model, diagnostics } = resolveDesign({ name: 'demo', ...design }, NO_SOURCE)
  return model ?? assert.fail(JSON.stringify(diagnostics))
}

const USER = {
  identity: { login: 'email', password: 'secret' },
  fields: {
    nick: { type: 'text', min: 3, pattern: "^[a-z']+$" },
    email: { type: 'email', unique: true },
    secret: { type: 'password', min: 20 },
    bio: { type: 'text', optional: true },
  },
  access: { create: 'true', read: 'id == auth.id' },
}

test('the first steps register, sign in with the same credentials, and read a list', () => {
  const steps = firstSteps(
    modelOf({ entities: { User: USER, Note: { fields: { text: { type: 'text' } }, access: { read: 'true' } } } }),
    'http://localhost:1',
  )
  assert.equal(steps.length, 3)
  const bodies = steps.slice(0, 2).map((step) => JSON.parse(/--json '(.*)'$/.exec(step)?.[1]?.replaceAll("'\\''", "'") ?? ''))
  assert.deepEqual(Object.keys(bodies[0]), ['nick', 'email', 'secret'])
  assert.deepEqual(bodies[1], { email: bodies[0].email, secret: bodies[0].secret })
  assert.equal(steps[2], "curl 'http://localhost:1/api/notes'")
})

test('a design without open registration shows no registration command', () => {
  const steps = firstSteps(modelOf({ entities: { User: { ...USER, access: { read: 'true' } } } }), 'http://localhost:1')
  assert.deepEqual(steps, ["curl 'http://localhost:1/api/users'"])
})

test('where only accounts may create accounts, the first steps make the first account, and read a list that everybody may read', () => {
  const fields = { ...USER.fields, role: { type: 'choice', values: ['user', 'admin'], default: 'user' }, name: { type: 'text' } }
  const access = { read: 'true', create: 'auth.role == "admin"' }
  const User = { ...USER, identity: { ...USER.identity, role: 'role' }, fields, access }
  const closed = { fields: { text: { type: 'text' } }, access: { read: 'auth.id != null' } }
  const open = { fields: { text: { type: 'text' } }, access: { read: 'true' } }
  assert.deepEqual(firstSteps(modelOf({ entities: { User, Closed: closed, Open: open } }), 'http://localhost:1'), [
    'npx plinth grant --create ada@example.com admin --set nick=aaa --set name=Ada',
    "curl 'http://localhost:1/api/opens'",
  ])
})

test('a design that is closed to all callers shows no commands', () => {
  assert.deepEqual(firstSteps(modelOf({ entities: { Note: { fields: { text: { type: 'text' } } } } }), 'http://localhost:1'), [])
})
