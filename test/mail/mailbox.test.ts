/** The mailbox of development at `/dev/mail`, also in Chromium: a mail runs nothing and changes nothing of the page. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import blog from '../../examples/blog/design.ts'
import { startServer } from '../../src/server/process/server.ts'
import { openMailbox } from '../../src/services/mail/mailbox.ts'
import type { Outgoing } from '../../src/services/mail/smtp.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const CHROMIUM = '/usr/bin/chromium'
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--no-first-run'],
]
const skip = !existsSync(CHROMIUM) && process.env.CI !== 'true' && `there is no ${CHROMIUM}; apt-get install chromium`

const mail = (number: number, own: Partial<Outgoing> = {}): Outgoing => ({
  from: { name: 'Blog', address: 'no-reply@example.com' },
  to: 'ann@example.com',
  messageId: `${number}@example.com`,
  subject: `Mail ${number}`,
  html: '<!doctype html><html><head></head><body><p id="of-mail">Hello</p></body></html>',
  text: 'Hello\n',
  attachments: [],
  ...own,
})

test('the page lists the mails, shows one, and escapes what is in them', async (t) => {
  const mailbox = openMailbox(() => Date.UTC(2026, 10, 29, 10))
  const { ask } = await testBackend(t, modelFrom(blog), { mailbox })
  assert.match((await ask('GET', '/dev/mail')).text, /No mails yet/)
  mailbox.add(
    mail(1, {
      subject: '<script>alert(1)</script>',
      attachments: [{ name: 'a<b.csv', type: 'text/csv', content: Buffer.from('x'), cid: null }],
    }),
    null,
  )
  mailbox.add(mail(2), { kind: 'failed', reason: 'ECONNECTION: <b>' })
  mailbox.add(mail(2), { kind: 'sent' })
  const { text, headers } = await ask('GET', '/dev/mail?mail=1')
  assert.ok(String(headers['content-security-policy']).includes("default-src 'none'"))
  assert.ok(
    !text.includes('<script') &&
      text.includes('&lt;script&gt;') &&
      text.includes('<a download="a&lt;b.csv" href="data:application/octet-stream;base64,eA==">a&lt;b.csv</a>'),
  )
  assert.deepEqual(
    [...text.matchAll(/href="\/dev\/mail\?mail=(\d)"/g)].map(([, number]) => number),
    ['2', '1'],
  )
  assert.ok((await ask('GET', '/dev/mail')).text.includes('the SMTP server has taken it'))
  assert.match((await ask('GET', '/dev/mail?mail=99')).text, /This mail is not kept any more/)
})

test('the mailbox is not shown at a name that a page of the web may have made lead to this machine', async (t) => {
  const mailbox = openMailbox(Date.now)
  const { ask } = await testBackend(t, modelFrom(blog), { mailbox })
  mailbox.add(mail(1), null)
  const statusAt = async (host: string) => {
    const { status, text } = await ask('GET', '/dev/mail', { headers: { host } })
    assert.equal(text.includes('Message-ID'), status === 200, host)
    return status
  }
  for (const host of ['localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]:3000', '192.168.0.5:3000', 'app:3000', 'blog.localhost:3000'])
    assert.equal(await statusAt(host), 200, host)
  for (const host of ['evil.example.com:3000', '127.0.0.1.nip.io', 'localhost.example.com', 'localhost.', 'a b'])
    assert.equal(await statusAt(host), 403, host)
})

test('production has no mailbox', async (t) => {
  const { ask } = await testBackend(t, modelFrom(blog), { mode: 'production' })
  assert.equal((await ask('GET', '/dev/mail')).status, 404)
})

test('in Chromium a mail is shown in its frame and runs no script', { skip }, async (t) => {
  const mailbox = openMailbox(Date.now)
  const { backend } = await testBackend(t, modelFrom(blog), { mailbox })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.handle, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const image = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const hostile = `<!doctype html><html><head></head><body><p id="of-mail">Hello</p><img id="logo" src="cid:image-1@plinth">
    <script>parent.document.title = 'ran'</script><img src="x" onerror="parent.document.title = 'ran'"></body></html>`
  mailbox.add(
    mail(1, { html: hostile, attachments: [{ name: 'logo.png', type: 'image/png', content: image, cid: 'image-1@plinth' }] }),
    null,
  )
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS })
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(`${server.url.replace('localhost', '127.0.0.1')}/dev/mail`)
  const frame = page.frameLocator('iframe')
  assert.equal(await frame.locator('#of-mail').textContent(), 'Hello')
  assert.ok((await page.content()).includes('data:image/png;base64,'))
  assert.equal(await page.title(), 'Mails · Plinth')
})
