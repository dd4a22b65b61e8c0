/** The types of code follow the OpenAPI document of a service, and a change of it. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { codeTypes } from '../../../src/compile/code/code-types.ts'
import { errorsIn } from '../../code/code-world.ts'
import { bindDocument } from './client-world.ts'

const DOCUMENT = readFileSync(join(import.meta.dirname, 'billing.yaml'), 'utf8')

const CODE = `import type { Actions } from './design.d.ts'

export default (async ({ services: { billing } }) => {
  const made = await billing.createCharge({ body: { cents: 5, note: null, secret: 's' }, idempotencyKey: 'k', timeout: '2s' })
  const cents: number = made.cents
  const part: string | undefined = made.parts?.[0]?.parts?.[0]?.id
  const all: readonly { readonly id: string }[] = await billing.listCharges({ headers: { 'X-Tenant': 't' }, query: { state: 'paid', ids: [1] } })
  const nothing: undefined = await billing.deleteCharge({ params: { 'charge-id': 'c' } })
  const page: Uint8Array = await billing.receipt({ params: { 'charge-id': 'c' } })
  const text: string = await billing.refund({ idempotencyKey: 'r' })
  await billing.noteCharge({ params: { 'charge-id': 'c' }, form: { note: 'n' } })
  const other: unknown = await billing.get('/other')
  return { cents, part, all, nothing, page, text, other }
}) satisfies Actions['pay']
`

const WRONG = `import type { Actions } from './design.d.ts'

export default (async ({ services: { billing } }) => {
  await billing.createCharge({ body: { cents: 'five' } })
  await billing.createCharge({ body: {} })
  await billing.createCharge({})
  await billing.createCharge({ body: { cents: 1, id: 'mine' } })
  await billing.listCharges({ headers: { 'X-Tenant': 't' }, query: { state: 'lost' } })
  await billing.listCharges({ query: {} })
  await billing.deleteCharge()
  await billing.refund({})
  await billing.unknown({})
  const made = await billing.createCharge({ body: { cents: 1 } })
  made.secret
}) satisfies Actions['pay']
`

/** The errors of code with the types of a document. */
async function errorsWith(t: TestContext, document: string, code: string): Promise<readonly string[]> {
  const { model, folder } = await bindDocument(t, document)
  assert.ok(model !== null)
  writeFileSync(join(folder, 'design.d.ts'), codeTypes(model))
  writeFileSync(join(folder, 'pay.ts'), code)
  return errorsIn(folder, ['pay.ts'], ['design/authoring/behaviour-design.ts'])
}

test('calls and answers have the types of the document', async (t) => {
  assert.deepEqual(await errorsWith(t, DOCUMENT, CODE), [])
})

test('what the document does not allow does not compile', async (t) => {
  const lines = (await errorsWith(t, DOCUMENT, WRONG)).map((error) => Number(/\((\d+),/.exec(error)?.[1]))
  assert.deepEqual([...new Set(lines)], [4, 5, 6, 7, 8, 9, 10, 11, 12, 14])
})

test('after a change of the document, code that no longer fits does not compile', async (t) => {
  const renamed = DOCUMENT.replaceAll('createCharge', 'charge')
  assert.match((await errorsWith(t, renamed, CODE)).join('\n'), /Property 'createCharge' does not exist/)
  const asText = DOCUMENT.replace('cents: { type: integer, exclusiveMinimum: 0 }', 'cents: { type: string }')
  const errors = (await errorsWith(t, asText, CODE)).join('\n')
  assert.match(errors, /pay\.ts\(4,.*'number' is not assignable to type 'string'/)
  assert.match(errors, /pay\.ts\(5,.*'string' is not assignable to type 'number'/)
})
