import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { readDesign } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { PLAIN } from '../terminal/style.ts'
import { actionLines, pastRuleLines, workflowLines } from './actions-text.ts'
import { plannedActions, plannedWorkflows } from './planned-actions.ts'

const read = await readDesign(join(import.meta.dirname, '../../../test/actions/designs/shop.yaml'))
assert.ok(read.ok)
const { model } = resolveDesign(read.design, read.source)
assert.ok(model !== null)
const actions = plannedActions(model)

test('an action is shown with its address, who may call it, what it writes and how it fails', () => {
  const lines = actionLines(actions, 'Actions', PLAIN)
  assert.deepEqual(lines.slice(6, 14), [
    '  POST /api/actions/checkout    signedIn                      AS SYSTEM',
    '    locks    Cart (cart: deleted or counted), Product (cart.items.product: changed), CartItem (cart.items: deleted or counted)',
    '    creates  Order, OrderLine',
    '    changes  Product',
    '    deletes  CartItem',
    '    fails    409 cart_empty, 409 out_of_stock',
    '    trips    1: 13 statements',
    '    waits    new CartItem (cart)',
  ])
  assert.deepEqual(lines.slice(-7), [
    '  POST /api/orders/{id}/cancel  customer == auth.id || staff  AS SYSTEM',
    '    moves    status: placed, paid → cancelled',
    '    locks    Order (row: deleted or counted), Product (row.lines.product: changed)',
    '    changes  Order, Product',
    '    fails    409 illegal_transition',
    '    trips    1: 8 statements',
    '    waits    new OrderLine (order)',
  ])
})

test('an action whose rows the request names is one statement, and so is one that only reads', async () => {
  const bank = await readDesign(join(import.meta.dirname, '../../../test/actions/designs/bank.yaml'))
  assert.ok(bank.ok)
  const { model: banking } = resolveDesign(bank.design, bank.source)
  assert.ok(banking !== null)
  assert.deepEqual(
    plannedActions(banking).map(({ action, trips, waits }) => [action, trips, waits]),
    [
      ['transfer', '1: one statement, shared with other calls', []],
      ['statement', '1: one statement, shared with other calls', []],
    ],
  )
})

test('an action as system is shown with what it does past the rules of its callers', () => {
  assert.deepEqual(pastRuleLines(actions).slice(0, 1), ['  As system, past the rules above:'])
  assert.match(pastRuleLines(actions).at(-1) ?? '', /Order\.cancel .* reads OrderLine; writes update Order, update Product; shows nothing$/)
})

test('of code as system, everything that it may do is shown, and an input in the path fails with 404', () => {
  const { model: coded } = resolveDesign(
    {
      name: 'desk',
      entities: {
        Note: { fields: { text: { type: 'text' } }, access: { read: 'false', create: 'true', update: 'false', delete: 'false' } },
      },
      actions: {
        count: { as: 'system', allow: 'true', endpoint: 'GET /counts/{year}', input: { year: 'integer' }, reads: true, run: () => 1 },
        clean: { as: 'system', allow: 'true', input: { year: 'integer' }, run: () => 1 },
      },
    },
    NO_SOURCE,
  )
  assert.ok(coded !== null)
  const planned = plannedActions(coded)
  assert.deepEqual(pastRuleLines(planned).slice(1), [
    '    count  true  its code may read all rows',
    '    clean  true  its code may read and write all rows',
  ])
  assert.deepEqual(
    planned.map(({ fails }) => fails),
    [['404 year'], ['400 year']],
  )
})

test('a workflow is shown as a state diagram', () => {
  assert.deepEqual(workflowLines(plannedWorkflows(model), 'Workflows'), [
    'Workflows',
    '  ordering (Order.status)',
    '  ```mermaid',
    '  stateDiagram-v2',
    '    [*] --> placed',
    '    placed --> paid: pay',
    '    paid --> shipped: ship',
    '    placed --> cancelled: cancel',
    '    paid --> cancelled: cancel',
    '  ```',
  ])
})
