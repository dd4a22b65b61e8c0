import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { behindReference, readsOnlyCaller, withoutCan } from './behind-reference.ts'

const ROOT = join(import.meta.dirname, '../../..')
const read = await readDesign(join(ROOT, 'examples/shop'))
assert.ok(read.ok)
const model = resolveDesign(read.design, read.source).model ?? assert.fail('no model')
const design = read.design as WrittenDesign

const behind = (source: string, entity: string, reference: string): string => behindReference(source, { design, model, entity, reference })

test('a condition about a row is written for a row that refers to it', () => {
  assert.equal(behind('customer == auth.id || staff', 'Order', 'order'), 'order.customer == auth.id || (auth.role == "staff")')
  assert.equal(behind('id == auth.id', 'User', 'owner'), 'owner.id == auth.id')
  assert.equal(behind('order.customer == auth.id', 'Payment', 'payment'), 'payment.order.customer == auth.id')
  assert.equal(behind('can("read", product)', 'Variant', 'variant'), 'can("read", variant.product)')
})

test('rules that read only the caller are told from those that read the row', () => {
  const reads = (source: string): boolean => readsOnlyCaller(source, design.rules)
  assert.deepEqual(['staff', 'auth.role == "partner" || signedIn', 'true'].map(reads), [true, true, true])
  assert.deepEqual(['forSale || staff', 'owner == auth.id', 'can("read", product)', 'now() > auth.until'].map(reads), [
    false,
    false,
    false,
    false,
  ])
})

test('can() is written out as the rule of the row that it asks for', () => {
  assert.equal(
    withoutCan('can("read", product)', { design, model, entity: 'Variant' }),
    '(product != null && (product.forSale || (auth.role == "staff")))',
  )
  assert.equal(withoutCan('stock > 0', { design, model, entity: 'Variant' }), 'stock > 0')
})

test('names that a quantifier binds stay, also where a member has the same name', () => {
  assert.equal(
    behind('lines.exists(l, l.quantity > 1 && status == "paid")', 'Order', 'order'),
    'order.lines.exists(l, l.quantity > 1 && order.status == "paid")',
  )
  assert.equal(behind('lines.all(status, status.quantity > 1)', 'Order', 'order'), 'order.lines.all(status, status.quantity > 1)')
})
