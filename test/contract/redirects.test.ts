/** Contracts with redirects, and with members inside of others in bodies. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { DesignError } from '../../src/embed/design-error.ts'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'

const CONTRACT = `openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://example.com/shop }]
paths:
  /:
    get:
      responses: { '200': { description: The first page, content: { text/html: {} } } }
  /orders:
    post:
      operationId: placeOrder
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                note: { type: string }
                order: { type: object, properties: { amount: { type: integer }, item_name: { type: string } } }
      responses:
        '200': { description: The form again, content: { text/html: {} } }
        '302': { description: Placed }
  /orders/{id}/:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: An order, content: { application/json: { schema: { type: object } } } } }
  /addresses:
    put:
      operationId: setAddresses
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [billing, shipping]
              properties:
                billing: { type: object, required: [street], properties: { street: { type: string } } }
                shipping: { type: object, required: [street], properties: { street: { type: string }, floor: { type: integer } } }
                extra: { type: object, additionalProperties: true }
      responses:
        '3XX': { description: Set }
`

const DESIGN = `name: shop
contract: openapi.yml
entities:
  Order:
    fields: { item: { type: text, max: 50, unique: true }, amount: { type: integer, min: 1 }, note: { type: text, optional: true } }
    access: { read: 'true', create: 'true', update: 'false', delete: 'false' }
    actions:
      show: { allow: 'true', endpoint: 'GET /orders/{orderId}/', answer: { item: row.item } }
actions:
  first: { allow: 'true', endpoint: GET /, template: first.html, answer: { title: '"Shop"' } }
  placeOrder:
    allow: 'true'
    endpoint: { at: placeOrder, redirect: '/shop/orders/{id}/' }
    input: { itemName: Order.item, amount: Order.amount, note: Order.note? }
    steps:
      - create: Order
        set: { item: input.itemName, amount: input.amount, note: input.note }
        as: order
    answer: { id: order.id }
  setAddresses:
    allow: 'true'
    endpoint: { at: setAddresses, redirect: '/shop?{billing}={shipping}' }
    input: { billingStreet: text, shippingStreet: text, floor: integer?, extra: json? }
    answer: { billing: input.billingStreet, shipping: input.shippingStreet }
`

function folderOf(t: TestContext, design: string): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'openapi.yml'), CONTRACT)
  writeFileSync(join(folder, 'first.html'), '<!doctype html><title>{{title}}</title>')
  writeFileSync(join(folder, 'design.yaml'), design)
  return folder
}

test('redirects have the status of the contract, and members of objects are inputs', async (t) => {
  const { ask } = await testBackend(t, (await readModel(folderOf(t, DESIGN))).model)
  assert.equal((await ask('GET', '/shop/')).text, '<!doctype html><title>Shop</title>')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const placed = await ask('POST', '/shop/orders', {
    body: 'order[item_name]=Tea&order[amount]=2&note=x&commit=Buy&order[gift]=1',
    headers,
  })
  assert.equal(placed.status, 302, placed.text)
  assert.match(String(placed.headers.location), /^\/shop\/orders\/[0-9a-f-]{36}\/$/)
  assert.deepEqual((await ask('GET', String(placed.headers.location))).json, { item: 'Tea' })
  assert.equal((await ask('GET', String(placed.headers.location).slice(0, -1))).status, 404)
  const refused = await ask('POST', '/shop/orders', { body: 'order[amount]=none', headers })
  assert.deepEqual(
    refused.json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/order/item_name', '/order/amount'],
  )
  const body = { billing: { street: 'a b' }, shipping: { street: 'c', floor: 2, door: 'x' }, extra: { any: 1 } }
  const set = await ask('PUT', '/shop/addresses', { body })
  assert.deepEqual([set.status, set.headers.location], [303, '/shop?a%20b=c'])
  const missing = await ask('PUT', '/shop/addresses', { body: { billing: { street: 'a' } } })
  assert.deepEqual(missing.json.errors, [{ pointer: '/shipping', rule: 'required', message: 'is required' }])
  const text = await ask('PUT', '/shop/addresses', { body: { billing: 'x', shipping: { street: 1 } } })
  assert.deepEqual(text.json.errors, [{ pointer: '/billing', rule: 'type', message: 'must be an object' }])
})

test('the failures that an operation does not list are one finding', async (t) => {
  const read = await readDesign(folderOf(t, DESIGN))
  assert.ok(read.ok)
  const { diagnostics } = resolveDesign(read.design, read.source)
  const unlisted = diagnostics.filter(({ code }) => code === 'PLN-D539').map(({ message }) => message.replaceAll(/ \(\S+:\d+\)$/g, ''))
  assert.deepEqual(unlisted, [
    'show can fail with 404 (not_found), which GET /orders/{id}/ does not list',
    'placeOrder can fail with 400 (validation_failed), 409 (already_taken), which POST /orders does not list',
    'setAddresses can fail with 400 (validation_failed), which PUT /addresses does not list',
  ])
})

test('a redirect that the contract does not list, and a contract that only leads on, are findings', async (t) => {
  const findings = async (design: string) => {
    const error = await readModel(folderOf(t, design)).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof DesignError)
    return error.findings.filter(({ severity }) => severity === 'error').map(({ code, message, hint }) => `${code} ${message}; ${hint}`)
  }
  const wrong = DESIGN.replace("redirect: '/shop/orders/{id}/'", "redirect: '/shop/orders/{id}/', status: 307").replace(
    "endpoint: { at: setAddresses, redirect: '/shop?{billing}={shipping}' }",
    'endpoint: setAddresses',
  )
  assert.deepEqual(
    (await findings(wrong)).map((line) => line.replaceAll(/\(\S*openapi.yml:\d+\)/g, '(…)')),
    [
      'PLN-D585 POST /orders does not answer 307 (…); write one of 302',
      'PLN-D585 PUT /addresses lists no status for success (…); it has redirects: write redirect under endpoint',
    ],
  )
})
