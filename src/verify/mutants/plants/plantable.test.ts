import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../../design/read/read.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { mutantsOf } from '../run/mutants-of.ts'

const ROOT = join(import.meta.dirname, '../../../..')

async function namesIn(file: string): Promise<ReadonlySet<string>> {
  const read = await readDesign(join(ROOT, file))
  assert.ok(read.ok)
  const model = resolveDesign(read.design, read.source).model ?? assert.fail(file)
  return new Set(mutantsOf(model, { cases: [], probes: [] }).map(({ name }) => name))
}

const shop = await namesIn('examples/shop')

test('a limit that the pattern of a text makes moot is not planted, and one that it does not is', () => {
  const has = (detail: string): boolean => shop.has(`mutants/limit-moved/${detail}`)
  // ^[a-z0-9-]{3,20}$ accepts at most 20 characters.
  assert.deepEqual([has('User.code/max+1'), has('User.code/max-1')], [false, true])
  assert.ok(!shop.has('mutants/limit-dropped/User.code/max'))
  // ^[a-z0-9]+(-[a-z0-9]+)*$ has no greatest length.
  assert.ok(has('Category.slug/max+1') && shop.has('mutants/limit-dropped/Category.slug/max'))
})

test('defects of what only steps of actions write are not planted', () => {
  const about = (entity: string): readonly string[] =>
    [...shop].filter((name) => new RegExp(`/${entity}\\b`).test(name)).map((name) => name.split('/')[1] ?? '')
  const ofWrites = [
    'set-overridden',
    'maintained-field-accepted',
    'idempotency-ignored',
    'value-altered',
    'type-converted',
    'unique-dropped',
  ]
  for (const entity of ['OrderLine', 'Payment', 'Booking', 'Day'])
    assert.deepEqual(
      about(entity).filter((kind) => [...ofWrites, 'if-match-ignored'].includes(kind)),
      [],
      entity,
    )
  // Actions on orders read If-Match.
  assert.ok(about('Order').includes('if-match-ignored') && !about('Order').includes('idempotency-ignored'))
  assert.ok(!shop.has('mutants/status-swapped/Order/201:200') && shop.has('mutants/status-swapped/Cart/201:200'))
})

test('where a caller reads one row, lists have no order and no second page', () => {
  const ofLists = ['order-ignored', 'order-reversed', 'page-size-ignored', 'cursor-repeats', 'cursor-skips']
  for (const kind of ofLists) assert.deepEqual([shop.has(`mutants/${kind}/Cart`), shop.has(`mutants/${kind}/Webhook`)], [false, true], kind)
  assert.ok(shop.has('mutants/filter-ignored/Cart') && shop.has('mutants/count-wrong/Cart'))
})

test('the constraint of a login that answers hide is not dropped, because every new account would fail', async () => {
  assert.deepEqual([shop.has('mutants/unique-dropped/User/email'), shop.has('mutants/unique-dropped/User/code')], [false, true])
  const blog = await namesIn('examples/blog')
  assert.equal(blog.has('mutants/unique-dropped/User/email'), true)
})
