/** The design of docs/reference/webhooks.md sends the message that the page shows. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { LOOPBACK, secretOf, startReceiver, verified } from '../webhooks/receiver.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/webhooks.md'), 'utf8')
const block = (kind: string): string => new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''

test('the designs with subscriptions and with messages of others have no finding', async (t) => {
  const [, , ...blocks] = page.split('```yaml design\n')
  assert.equal(blocks.length, 2)
  for (const block of blocks) {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'design.yaml'), block.split('```')[0] ?? '')
    const read = await readDesign(folder)
    assert.ok(read.ok)
    const { diagnostics } = resolveDesign(read.design, read.source)
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity !== 'note').map(({ message }) => message),
      [],
    )
  }
})

test('the design on the page has no finding, and sends the message on the page', async (t) => {
  const receiver = await startReceiver(t)
  const folder = temporaryFolder(t)
  const findings = async (design: string) => {
    writeFileSync(join(folder, 'design.yaml'), design)
    const read = await readDesign(folder)
    assert.ok(read.ok)
    const { model, diagnostics } = resolveDesign(read.design, read.source)
    return { model, codes: diagnostics.filter(({ severity }) => severity !== 'note').map(({ code }) => code) }
  }
  assert.deepEqual((await findings(block('yaml design'))).codes, [])
  // The receiver of this test has no certificate, which is a finding.
  const here = new URL('/hooks', receiver.url).href
  const { model, codes } = await findings(block('yaml design').replace('https://crm.example.com/hooks', here))
  assert.deepEqual(codes, ['PLN-D668'])
  assert.ok(model !== null)
  const variables = { CRM_SECRET: secretOf('a'), SEARCH_SECRET: secretOf('b'), SEARCH_URL: `${receiver.url}/search` }
  const receivers = receiversOf(model, { networks: LOOPBACK, variables }, { mode: 'production' })
  const { ask, sql } = await testBackend(t, model, { receivers })
  await sql(
    `insert into articles (id, created_at, updated_at, version, title, state)
      values ('019ae0f2-5c00-7000-8000-000000000001', now(), now(), 1, 'News', 'draft')`,
  )
  await ask('PATCH', '/api/articles/019ae0f2-5c00-7000-8000-000000000001', { body: { state: 'published' } })

  const arrived = await receiver.received(2)
  const [crm, search] = ['/hooks', '/hook/search'].map((path) => arrived.find((message) => message.path === path))
  assert.ok(crm !== undefined && search !== undefined)
  const [shownHead = '', shownBody = ''] = block('text').trim().split('\n\n')
  const [, ...shownHeaders] = shownHead.split('\n').map((line) => line.split(': '))
  assert.deepEqual(
    shownHeaders.map(([name = '']) => typeof crm.headers[name]),
    shownHeaders.map(() => 'string'),
  )
  const { data, ...shown } = JSON.parse(shownBody.replace(',…', ''))
  const content = verified(secretOf('a'), crm) as { readonly data: object }
  assert.deepEqual(Object.keys(content), [...Object.keys(shown), 'data'])
  assert.deepEqual({ ...content.data, ...data }, content.data)
  assert.ok(!('notes' in content.data))
  assert.deepEqual((verified(secretOf('b'), search) as { readonly data: object }).data, { id: data.id, title: 'News' })
})
