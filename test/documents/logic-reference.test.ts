/** docs/reference/logic.md: every example resolves without an error, and the tables have every step and key of the language. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ACTIONS, WORKFLOWS } from '../../src/design/language/language-logic.ts'
import { STEPS } from '../../src/design/language/language-steps.ts'
import { testExamples, type WholeDesigns } from './design-examples.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/logic.md'), 'utf8')

const SHOP = {
  Cart: "{ access: { read: 'true' }, fields: { owner: { type: 'ref', entity: 'User', unique: true, set: 'auth.id' } } }",
  CartItem:
    "{ access: { read: 'true' }, fields: { cart: { type: 'ref', entity: 'Cart', inverse: 'items' }, product: { type: 'ref', entity: 'Product' }, quantity: { type: 'integer' } } }",
  Order:
    "{ access: { read: 'true' }, fields: { customer: { type: 'ref', entity: 'User', set: 'auth.id' }, status: { type: 'choice', values: ['placed', 'paid', 'cancelled'], default: 'placed' } } }",
  OrderLine:
    "{ access: { read: 'true' }, fields: { order: { type: 'ref', entity: 'Order', inverse: 'lines' }, product: { type: 'ref', entity: 'Product' }, quantity: { type: 'integer' }, price: { type: 'decimal', precision: 10, scale: 2 } } }",
  Product:
    "{ access: { read: 'true' }, fields: { name: { type: 'text', max: 100 }, price: { type: 'decimal', precision: 10, scale: 2 }, stock: { type: 'integer', default: 0 } } }",
  User: "{ identity: { login: 'email', password: 'password' }, access: { read: 'true' }, fields: { email: { type: 'email', unique: true }, password: { type: 'password' } } }",
}
const entities = `{ ${Object.entries(SHOP)
  .map(([name, text]) => `${name}: ${text}`)
  .join(', ')} }`

/** For each kind of example, a design that contains the example. */
const WHOLE: WholeDesigns = {
  'yaml design': (code) => code,
  'yaml logic': (code) => `name: x\nentities: ${entities}\n${code}`,
  'ts logic': (code) => `import { backend } from 'plinth'\nexport default backend({ name: 'x', entities: ${entities},\n${code}\n})`,
}

testExamples(page, WHOLE)

test('every step and every key of actions and workflows is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? []))
  const { cases } = STEPS.of
  const keys = [
    ...Object.values(cases).flatMap((step) => Object.keys(step.keys)),
    ...Object.keys(ACTIONS.of.keys),
    ...Object.keys(WORKFLOWS.of.keys.transitions.form.of.keys),
  ]
  assert.deepEqual(
    [...new Set(keys)].filter((key) => !words.has(key)),
    [],
  )
})

test('the links within the page lead somewhere', () => {
  const anchors = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')))
  for (const [, target = ''] of page.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok(anchors.has(target), target)
})
