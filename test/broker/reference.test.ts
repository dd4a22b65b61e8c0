/** docs/reference/broker.md: the example does what the page says, and the tables have every key. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BROKER } from '../../src/design/language/language-broker.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { skip, startNats } from './nats-server.ts'

const page = readFileSync(join(ROOT, 'docs/reference/broker.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the design has no finding, publishes the message of the page, and takes the payment of the page', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  const read = await readDesign(folder)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity !== 'note').map(({ message }) => message),
    [],
  )
  assert.ok(model !== null)
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { sql, ask } = await testBackend(t, model, { variables: new Map([['NATS_URL', nats.url]]) })
  const shown = JSON.parse(block('json message'))
  await until('the consumer', () => nats.manage((manager) => manager.consumers.info('PAY', 'shop-settled').catch(() => null)))
  await sql(`insert into orders (id, created_at, updated_at, version, number, cents) values ('${shown.subject}', now(), now(), 1, 7, 500)`)
  const [placed] = await until('the message', async () => {
    const all = await nats.stored('SHOP').catch(() => [])
    return all.length > 0 ? all : null
  })
  const { id, time, data, ...event } = placed?.event ?? {}
  const { id: shownId, time: shownTime, data: shownData, ...shownEvent } = shown
  assert.deepEqual([placed?.subject, event], ['shop.orders.placed', shownEvent])
  assert.deepEqual({ ...data, ...shownData }, data)
  assert.deepEqual([typeof id, typeof time], [typeof shownId, typeof shownTime])

  await nats.send('payments.settled', block('json payment'))
  await nats.send('payments.settled', block('json payment'))
  await until('the payment', async () => ((await ask('GET', `/api/orders/${shown.subject}`)).json.state === 'paid' ? true : null))
  const paid = await until('the second message', async () => {
    const all = await nats.stored('SHOP')
    return all.find(({ subject }) => subject === 'shop.orders.paid') ?? null
  })
  assert.deepEqual(paid.event.data, { id: shown.subject, cents: 500 })
})

test('every key is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/[\w-]+/g) ?? []))
  const { nats, kafka } = BROKER.form.cases
  const names = [
    ...Object.keys({ ...nats.keys, ...kafka.keys }),
    ...Object.keys(nats.keys.stream.form.keys),
    ...Object.keys(nats.keys.subscribe.form.of.keys),
    ...Object.values(nats.keys.auth.form.cases).flatMap(({ keys }) => Object.keys(keys)),
  ]
  assert.deepEqual(
    [...new Set(names)].filter((name) => !words.has(name)),
    [],
  )
})
