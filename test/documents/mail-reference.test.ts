/** The design of docs/reference/mail.md sends the mail that the page shows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailTo } from '../mail/mail-world.ts'
import { testBackend } from '../support/backend.ts'
import { headerOf, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { blockOf, modelOfPage, referencePage } from './reference-page.ts'

const page = referencePage('mail.md')
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('the design on the page has no finding, and sends the mail on the page', async (t) => {
  const { model, findings } = await modelOfPage(t, page, { 'logo.png': PNG, 'terms.pdf': Buffer.from('the terms') })
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
  )
  const smtp = await startSmtp(t)
  const mail = mailTo(model, smtp.url)
  const { sql } = await testBackend(t, model, { mail })
  const [ann] = await sql(
    `insert into customers (id, created_at, updated_at, version, name, email, password, language)
      values (gen_random_uuid(), now(), now(), 1, 'Ann', 'ann@example.com', 'x', 'de') returning id`,
  )
  const [order] = await sql(
    `insert into orders (id, created_at, updated_at, version, customer_id, number, total)
      values ('019ae0f2-5c00-7000-8000-000000000001', now(), now(), 1, $1, 7, 14.5) returning id`,
    [ann?.id],
  )
  for (const [i, [article, price]] of [
    ['Tea', '2.50'],
    ['Cup', '12.00'],
  ].entries())
    await sql(
      `insert into lines (id, created_at, updated_at, version, order_id, article, price) values ($1, now(), now(), 1, $2, $3, $4)`,
      [`019ae0f2-5c00-7000-8000-00000000001${i}`, order?.id, article, price],
    )
  await sql(`update orders set version = version + 1, status = 'placed', placed_at = '2026-11-29T10:05:00Z' where id = $1`, [order?.id])

  const [received] = await smtp.received(1)
  const mime = readMime(received?.raw ?? '')
  assert.equal(headerOf(mime, 'subject'), 'Ihre Bestellung 7')
  assert.equal(partOf(mime, 'text/plain')?.replaceAll('\r\n', '\n').trim(), blockOf(page, 'text').trim())
  assert.equal(partOf(mime, 'text/csv')?.trim(), 'number,total\n7,"14,50"')
  const html = partOf(mime, 'text/html') ?? ''
  assert.ok(html.includes('<html lang="de">') && html.includes('<img src="cid:image-1@plinth" alt="Shop" width="120"'), html)
  assert.equal(partOf(mime, 'application/pdf'), 'the terms')
  assert.match(received?.raw ?? '', /Content-Id: <image-1@plinth>[\s\S]*filename=AGB\.pdf/i)
})
