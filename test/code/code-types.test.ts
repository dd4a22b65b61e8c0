/** The types of code follow the design. */

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { errorsIn, modelWithCode } from './code-world.ts'

const DESIGNS = join(import.meta.dirname, 'designs')

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-types-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'logic'))
  return folder
}

test('the types of code of a YAML design follow the design', async (t) => {
  const folder = folderOf(t)
  cpSync(join(DESIGNS, 'logic/typed.ts'), join(folder, 'logic/typed.ts'))
  const model = await modelWithCode('shop.yaml')
  const text = codeTypes(model)
  assert.equal(text, readFileSync(join(DESIGNS, 'shop.d.ts'), 'utf8'))
  writeFileSync(join(folder, 'shop.d.ts'), text)
  // tsc does not check declaration files that are part of a library, so the same text is compiled as a module too.
  writeFileSync(join(folder, 'same.ts'), text)
  assert.deepEqual(errorsIn(folder, ['logic/typed.ts', 'same.ts']), [])

  const entities = model.entities.map((entity) => ({ ...entity, fields: entity.fields.filter(({ name }) => name !== 'stock') }))
  writeFileSync(join(folder, 'shop.d.ts'), codeTypes({ ...model, entities }))
  const errors = errorsIn(folder, ['logic/typed.ts'])
  assert.ok(
    errors.some((line) => /^logic\/typed\.ts\(\d+,\d+\): error TS2339: Property 'stock' does not exist/.test(line)),
    errors.join('\n'),
  )
})

test('the types of code of a TypeScript design follow the design, in the design and in a file of its own', async (t) => {
  const folder = folderOf(t)
  const design = readFileSync(join(DESIGNS, 'typed-shop.ts'), 'utf8')
  for (const file of ['logic/close.ts', 'logic/hooks.ts']) cpSync(join(DESIGNS, file), join(folder, file))
  const errorsOf = (text: string) => {
    writeFileSync(join(folder, 'typed-shop.ts'), text)
    return errorsIn(folder, ['logic/close.ts', 'logic/hooks.ts'], ['design/authoring/code-of-types.ts', 'design/authoring/define.ts'])
  }
  assert.deepEqual(errorsOf(design), [])
  const without = design
    .replace(/stock: integer\(\{ min: 0 \}\),/, '')
    .replace(/note: text\(\{ optional: true \}\),/, '')
    .replace("'Product.stock'", "'integer'")
  const errors = errorsOf(without)
  const at = (file: string, message: RegExp) =>
    assert.ok(
      errors.some((line) => line.startsWith(file) && message.test(line)),
      errors.join('\n'),
    )
  at('typed-shop.ts', /'stock' does not exist/)
  at('logic/close.ts', /'note' does not exist/)
  at('logic/hooks.ts', /'stock' does not exist/)
})

test('the type of routes follows the design, in YAML and in TypeScript', async (t) => {
  const folder = folderOf(t)
  const model = await modelWithCode('shop.yaml')
  const routes = { code: 'routes.ts', file: 'routes.ts', as: 'system', declared: [] } as const
  writeFileSync(join(folder, 'shop.d.ts'), codeTypes({ ...model, routes }))
  const plugin = (table: string) => `import type { Routes } from './shop.d.ts'
export default (async (app, { context }) => {
  app.get<{ Params: { id: string } }>('/product/:id', async (request) => {
    const { db, transaction, caller } = context(request)
    const row = await transaction(async ({ db }) => db.system.${table}.get(request.params.id))
    return { row, own: await db.${table}.get(request.params.id), id: caller.id }
  })
}) satisfies Routes
`
  writeFileSync(join(folder, 'routes.ts'), plugin('Product'))
  assert.deepEqual(errorsIn(folder, ['routes.ts']), [])
  writeFileSync(join(folder, 'routes.ts'), plugin('Prodact'))
  assert.match(errorsIn(folder, ['routes.ts']).join(), /'Prodact' does not exist/)
  cpSync(join(DESIGNS, 'typed-shop.ts'), join(folder, 'typed-shop.ts'))
  const typed = (
    plugin('Product') +
    plugin('Prodact')
      .replace('export default', 'export const wrong =')
      .replace(/^import.*$/m, '')
  )
    .replace(/^import.*$/m, "import type { RoutesOf } from 'plinth'\nimport type design from './typed-shop.ts'")
    .replaceAll('satisfies Routes', 'satisfies RoutesOf<typeof design>')
    .replaceAll('db.system.', 'db.')
  writeFileSync(join(folder, 'routes.ts'), typed)
  const errors = errorsIn(folder, ['routes.ts'], ['design/authoring/code-of-types.ts', 'design/authoring/define.ts'])
  assert.ok(errors.length > 0 && errors.every((line) => /'Prodact' does not exist/.test(line)), errors.join('\n'))
})
