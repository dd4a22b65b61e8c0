import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { prepareAccount } from './create-account.ts'

const DESIGN = {
  name: 'demo',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user' },
        name: { type: 'text', max: 5 },
        level: { type: 'integer', min: 1, default: 1 },
        plan: { type: 'choice', values: ['free', 'paid'], default: 'free' },
        tags: { type: 'list', of: { type: 'text' }, default: [] },
        loud: { type: 'computed', expression: 'name + "!"' },
      },
      access: { create: 'auth.role == "admin"', read: 'true', update: 'false', delete: 'false' },
    },
  },
}

async function refused(values: readonly string[], login = 'ada@example.com'): Promise<string> {
  const { model } = resolveDesign(DESIGN, NO_SOURCE)
  if (model?.identity === null || model === null) throw new Error('the design has no identity')
  const { identity } = model
  return prepareAccount(model, identity, { login, role: 'admin', values }).then(
    () => 'made',
    (error: { readonly message: string; readonly hint: string }) => `${error.message}; ${error.hint}`,
  )
}

test('an account takes values of the fields of the design alone, and the error lists them', async () => {
  const taken = '--set takes field=value, for name, level, plan'
  assert.equal(await refused(['nam=Ada']), `"nam=Ada" sets no field of User, did you mean "name"?; ${taken}`)
  assert.equal(await refused(['name']), `"name" sets no field of User; ${taken}`)
  const others = ['id=01900000-0000-7000-8000-00000000ffff', 'version=7', 'createdAt=2024-01-01T00:00:00Z', 'role=user']
  for (const text of [...others, 'email=eve@example.com', 'password=Lantern-Otter-42', 'loud=x', 'tags=x'])
    assert.equal(await refused(['name=Ada', text]), `${JSON.stringify(text)} sets no field of User; ${taken}`)
  assert.equal(await refused(['name=Ada', 'name=Eve']), 'name is given twice; leave one --set name=… out')
})

test('a value is held to the limits of its field before anything is written', async () => {
  assert.equal(await refused(['name=Adelaide']), 'name: must be at most 5 characters; --set name=…')
  assert.equal(await refused(['name=Ada', 'level=0']), 'level: must be at least 1; --set level=…')
  assert.equal(await refused(['name=Ada', 'level=many']), 'level: must be a number; --set level=…')
  assert.equal(await refused(['name=Ada', 'plan=gold']), 'plan: must be one of "free", "paid"; --set plan=…')
  assert.equal(await refused(['name=Ada'], 'ada'), '"ada" cannot be the email of an account; it must be an email address')
  assert.equal(await refused([]), 'a new User also needs name; add --set name=…')
  assert.equal(await refused(['name=Ada', 'level=2', 'plan=paid']), 'made')
})

test('the finding about the first account gives a command with each value that it needs', () => {
  const { diagnostics } = resolveDesign(DESIGN, NO_SOURCE)
  const hint = diagnostics.find(({ code }) => code === 'PLN-D416')?.hint
  assert.equal(hint, 'make the first with: plinth grant --create you@example.com admin --set name=…')
})
