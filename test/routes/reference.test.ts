/** docs/reference/routes.md: the example does what the page says. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

const page = readFileSync(join(ROOT, 'docs/reference/routes.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the example answers a file and takes a payment in one transaction, with the rules of the caller', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  writeFileSync(join(folder, 'routes.ts'), block('ts routes.ts').replace("from 'plinth'", `from '${join(ROOT, 'src/index.ts')}'`))
  const { model } = await readModel(join(folder, 'design.yaml'))
  const world = await testBackend(t, model)
  const { ask, sql } = world
  const [ann, bob] = await sql(
    "insert into customers (email, password) values ('ann@example.com', 'x'), ('bob@example.com', 'x') returning id",
  )
  const [token, other] = [await world.tokenFor(String(ann?.id)), await world.tokenFor(String(bob?.id))]
  const invoice = (await ask('POST', '/api/invoices', { token, body: { total: '10.00' } })).json

  const file = await ask('GET', `/invoices/${invoice.id}.txt`, { token })
  assert.deepEqual([file.status, file.text, file.headers['content-type']], [200, 'Invoice 1: 10.00\n', 'text/plain; charset=utf-8'])
  assert.equal(file.headers['content-disposition'], 'attachment; filename="invoice-1.txt"')
  assert.equal((await ask('HEAD', `/invoices/${invoice.id}.txt`, { token })).status, 200)
  const hidden = await ask('GET', `/invoices/${invoice.id}.txt`, { token: other })
  assert.deepEqual([hidden.status, hidden.json.code], [404, 'not_found'])

  const body = { invoice: invoice.id, reference: 'DE-1' }
  const denied = await ask('POST', '/payments', { token: other, body })
  assert.equal(denied.status, 404)
  const paid = await ask('POST', '/payments', { token, body })
  assert.deepEqual([paid.status, typeof paid.json.payment], [201, 'string'])
  assert.equal((await ask('GET', `/api/invoices/${invoice.id}`, { token })).json.paid, true)

  const another = (await ask('POST', '/api/invoices', { token, body: { total: '5.00' } })).json
  const taken = await ask('POST', '/payments', { token, body: { invoice: another.id, reference: 'DE-1' } })
  assert.deepEqual([taken.status, taken.json.code], [409, 'already_taken'])
  assert.equal((await ask('GET', `/api/invoices/${another.id}`, { token })).json.paid, false, 'the transaction was undone')

  const document = (await ask('GET', '/openapi.json')).json
  assert.equal(document.paths['/payments'].post.summary, 'Pay an invoice')
  assert.equal(document.paths['/invoices/{id}.txt'], undefined)
})
