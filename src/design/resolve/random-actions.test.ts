/** Random actions: every one is answered with a model or with an error, and a model names only rows that an action has. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED, shortened } from '../../../test/support/random.ts'
import { type Action, inputBinding, STEP_ROW } from '../../model/action.ts'
import { visitAction } from '../../model/action-tree.ts'
import { NO_SOURCE } from '../findings/source.ts'
import { resolveDesign } from './resolve.ts'

const open = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const ENTITIES = {
  User: {
    identity: { login: 'email', password: 'password' },
    fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
    access: open,
  },
  Cart: {
    fields: { owner: { type: 'ref', entity: 'User', unique: true, set: 'auth.id' }, note: { type: 'text', optional: true } },
    access: open,
  },
  Item: {
    fields: {
      cart: { type: 'ref', entity: 'Cart', inverse: 'items' },
      state: { type: 'choice', values: ['new', 'done'], default: 'new' },
      amount: { type: 'integer', default: 1 },
      sum: { type: 'computed', expression: 'cart.items.sum(i, i.amount)' },
    },
    unique: [['cart', 'amount']],
    access: open,
  },
}

const NAME = fc.constantFrom('a', 'b', 'row', 'items')
const PATH = fc.constantFrom(
  'a',
  'b',
  'row',
  'row.items',
  'a.items',
  'b.cart',
  'input.cart',
  'input.cart.items',
  'Cart',
  'Item',
  'e',
  'e.cart',
  'nothing',
)
const CONDITION = fc.constantFrom(
  'true',
  'a != null',
  'b.amount > 1',
  'amount > input.n',
  'size(row.items) > 0',
  'a.items.all(x, x.amount > 0)',
  'b.total > 3',
  'sum == 4',
  'owner == auth.id',
  'input.cart.items.exists(a, a.amount == 1)',
)
const VALUE = fc.constantFrom(
  '1',
  'input.n',
  'a',
  'row',
  'a.id',
  'e.amount',
  'amount + 1',
  'new',
  'done',
  'gone',
  'input.cart',
  'row.note',
  'b.cart',
  'sum',
)
const SET = fc.oneof(
  fc.constant('input'),
  fc.dictionary(
    fc.constantFrom('cart', 'amount', 'state', 'note', 'owner', 'sum', 'odd'),
    fc.oneof(VALUE, fc.constantFrom(null, 2, true)),
    { maxKeys: 3 },
  ),
)
const OPTIONS = {
  when: CONDITION,
  each: fc.constantFrom('e in row.items', 'e in a', 'e in a.items', 'e in input.cart.items', 'e in input.list', 'e in nothing'),
  as: NAME,
}
const STEP = fc.oneof(
  fc.record(
    { find: PATH, where: CONDITION, sort: fc.constant(['-amount']), optional: fc.boolean(), else: fc.constant('code'), ...OPTIONS },
    { requiredKeys: ['find'] },
  ),
  fc.record({ list: PATH, where: CONDITION, limit: fc.constantFrom(5, 'input.n', 'a.amount'), ...OPTIONS }, { requiredKeys: ['list'] }),
  fc.record({ require: CONDITION, else: fc.constant('code') }, { requiredKeys: ['require'] }),
  fc.record({ create: fc.constantFrom('Cart', 'Item', 'Nope'), set: SET, ...OPTIONS }, { requiredKeys: ['create'] }),
  fc.record(
    { ensure: fc.constantFrom('Cart', 'Item'), set: SET, existing: fc.constant({ amount: 'amount + 1' }), ...OPTIONS },
    { requiredKeys: ['ensure'] },
  ),
  fc.record({ update: PATH, where: CONDITION, set: SET, ...OPTIONS }, { requiredKeys: ['update', 'set'] }),
  fc.record({ delete: PATH, where: CONDITION, ...OPTIONS }, { requiredKeys: ['delete'] }),
  fc.record({ call: fc.constantFrom('Cart.other', 'other'), on: PATH, input: fc.constant({ n: '1' }) }, { requiredKeys: ['call'] }),
)
const ANSWER = fc.constantFrom(
  'a',
  { id: 'a.id' },
  { list: { each: 'x in row.items', is: { n: 'x.amount', of: 'x.cart.id' } } },
  { n: 'b.total' },
  'Cart(row)',
  { sum: 'b.sum' },
)
const ACTION = fc.record(
  {
    as: fc.constantFrom('system', 'caller'),
    allow: CONDITION,
    input: fc.constantFrom(
      { n: 'Item.amount', cart: { ref: 'Cart' } },
      { n: 'integer?', cart: { ref: 'Cart', where: 'owner == auth.id' }, list: { type: 'list', of: { type: 'text' } } },
    ),
    steps: fc.array(STEP, { maxLength: 3 }),
    answer: ANSWER,
  },
  { requiredKeys: ['input', 'steps'] },
)

/** The rows that the expressions of an action may name, with the rows of its quantifiers. */
function rowsOf(action: Action): ReadonlySet<string> {
  const names = new Set(['row', STEP_ROW, ...action.inputs.map(({ name }) => inputBinding(name))])
  for (const step of action.steps) for (const name of [step.as, step.each?.name]) if (name != null) names.add(name)
  const answer = JSON.stringify(action.answer)
  for (const [, name = ''] of answer.matchAll(/"each":\{"name":"(\w+)"/g)) names.add(name)
  visitAction(action, {
    predicate: (p) => {
      if ('as' in p) names.add(p.as)
    },
    term: (t) => {
      if (t.kind === 'count' || t.kind === 'aggregate') names.add(t.as)
    },
  })
  return names
}

test('random actions have a model or an error, and a model names only rows that the action has', () => {
  const runs = shortened(5_000)
  let models = 0
  fc.assert(
    fc.property(ACTION, fc.boolean(), (action, onRow) => {
      const other = { allow: 'true', input: { n: 'integer' }, steps: [] }
      const entities = { ...ENTITIES, Cart: { ...ENTITIES.Cart, actions: { other, ...(onRow ? { act: action } : {}) } } }
      const { model, diagnostics } = resolveDesign({ name: 'x', entities, actions: onRow ? { other } : { other, act: action } }, NO_SOURCE)
      assert.equal(
        model === null,
        diagnostics.some(({ severity }) => severity === 'error'),
      )
      for (const { message, hint = '' } of diagnostics) assert.ok(!/undefined|\[object|NaN/.test(message + hint), message)
      if (model === null) return
      models++
      for (const each of model.actions) {
        const rows = rowsOf(each)
        visitAction(each, {
          term: (t) => {
            if (t.kind === 'field') assert.ok(rows.has(t.row.binding), `${t.row.binding} in ${JSON.stringify(action)}`)
          },
          rows: (set) => assert.ok(rows.has(set.of.binding), set.of.binding),
        })
      }
    }),
    { numRuns: runs, ...SEEDED },
  )
  assert.ok(models > runs / 100, `only ${models} of the actions had no error`)
})
