/** The types of hooks follow the design. */

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { errorsIn } from '../code/code-world.ts'
import { modelFrom } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'

const FIELDS = {
  title: { type: 'text' },
  slug: { type: 'text', optional: true, write: 'false' },
  views: { type: 'integer', default: 0 },
}

const HOOKS = {
  beforeCreate: 'hooks/page.ts',
  afterUpdate: { run: 'hooks/page.ts#after', as: 'system' },
  beforeDelete: 'hooks/page.ts#remove',
}

function typesOf(fields: object): string {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  return codeTypes(modelFrom({ name: 'x', entities: { Page: { fields, access, hooks: HOOKS } } }))
}

const CODE = `import type { Hooks } from '../x.d.ts'
export default (({ input }) => ({ slug: input.title.toLowerCase() })) satisfies Hooks['Page.beforeCreate']
export const after = (async ({ row, before, db, input }) => {
  if (row.title !== before.title && input.title !== undefined) await db.system.Page.update(row.id, { views: row.views + 1 })
}) satisfies Hooks['Page.afterUpdate']
export const remove = (({ row }) => {
  if (row.slug === null) throw new Error(row.title)
}) satisfies Hooks['Page.beforeDelete']
`

test('the types of a hook have the fields that it gets and may set: no tokens, and no states of workflows', () => {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const fields = { title: { type: 'text' }, secret: { type: 'token' }, state: { type: 'choice', values: ['a', 'b'], default: 'a' } }
  const identity = { login: 'email', password: 'password' }
  const account = { email: { type: 'email', unique: true }, password: { type: 'password' } }
  const entities = {
    User: { identity, fields: account, access },
    Page: { fields, access, hooks: { beforeCreate: 'hooks/a.ts', beforeDelete: 'hooks/a.ts' } },
  }
  const go = { from: 'a', to: 'b', allow: 'true' }
  const workflows = { pageState: { entity: 'Page', field: 'state', initial: 'a', transitions: { go } } }
  const [, hooks = ''] = codeTypes(modelFrom({ name: 'x', entities, workflows })).split('interface Hooks')
  assert.match(hooks, /"Page\.beforeCreate": .* Answer<\{ readonly title\?: string \} \| undefined \| void>/)
  assert.match(hooks, /"Page\.beforeDelete": [\s\S]*readonly state: "a" \| "b"/)
  assert.doesNotMatch(hooks, /secret/)
})

test('a hook does not compile any more when a field that it uses is gone', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'hooks'))
  writeFileSync(join(folder, 'hooks/page.ts'), CODE)
  const errorsWith = (fields: object) => {
    writeFileSync(join(folder, 'x.d.ts'), typesOf(fields))
    return errorsIn(folder, ['hooks/page.ts'])
  }
  assert.deepEqual(errorsWith(FIELDS), [])
  const { views: _, ...without } = FIELDS
  const errors = errorsWith(without)
  assert.ok(
    errors.some((line) => /hooks\/page\.ts\(4,\d+\): error TS2\d+: .*'views'/.test(line)),
    errors.join('\n'),
  )
})
