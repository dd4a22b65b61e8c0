/** docs/reference/backends.md names every key, and `plan` says what other backends may do. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { INTEGRATIONS } from '../../src/design/language/language-integrations.ts'
import { variablesFor } from '../../src/services/http/service-variables.ts'
import { modelFrom } from '../support/backend.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'
import { billingWith } from './world.ts'

const page = readFileSync(join(ROOT, 'docs/reference/backends.md'), 'utf8')

test('every key is on the page', () => {
  for (const key of Object.keys(INTEGRATIONS.keys.backends.form.of.keys)) assert.match(page, new RegExp(`^\\| \`${key}\` \\|`, 'm'))
})

test('plan prints for whom other backends may send requests', async (t) => {
  const folder = temporaryFolder(t)
  const [, design = ''] = /```yaml design\n([\s\S]*?)```/.exec(page) ?? []
  writeFileSync(join(folder, 'design.yaml'), design)
  const { code, stdout } = await run(t, [...PLINTH, 'plan'], { cwd: folder })
  assert.equal(code, 0, stdout)
  assert.match(
    stdout,
    /Backends that may call\n {2}orders +ORDERS_URL +for itself with the role orders +FOR ACCOUNTS by customer, with the role customer/,
  )
})

test('in production the issuers of the design are required, safe and different', () => {
  const model = modelFrom({
    ...billingWith({ issuer: 'ORDERS_URL', role: 'service' }),
    integrations: { backends: { orders: { issuer: 'ORDERS_URL', role: 'service' }, shop: { issuer: 'SHOP_URL', role: 'service' } } },
  })
  const start = (env: Record<string, string>, mode: 'development' | 'production' = 'production') => variablesFor(model, { env, mode })
  const good = { ORDERS_URL: 'https://orders.example.com', SHOP_URL: 'http://127.0.0.1:3001' }
  assert.equal(start(good).size, 2)
  assert.equal(start({}, 'development').size, 0)
  assert.equal(start({ ...good, SHOP_URL: 'http://shop:3000' }, 'development').size, 2)
  assert.throws(() => start({ SHOP_URL: good.SHOP_URL }), /ORDERS_URL is not set, and the backend orders needs it/)
  assert.throws(() => start({ ...good, SHOP_URL: 'http://shop:3000' }), /SHOP_URL has no address of a backend: the issuer is no https URL/)
  assert.throws(() => start({ ...good, SHOP_URL: `${good.ORDERS_URL}/` }), /the same address as ORDERS_URL/)
})
