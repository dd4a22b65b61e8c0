/** docs/reference/services.md: the example does what the page says, and the tables have every key and reason. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { SERVICE_FAILURES } from '../../src/base/failures/service-error.ts'
import { SERVICES } from '../../src/design/language/language-integrations.ts'
import { readWithCode } from '../code/code-world.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { json, startUpstream } from './upstream.ts'

const page = readFileSync(join(ROOT, 'docs/reference/services.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the example charges an order at the provider, again after a failure and with the same key', async (t) => {
  const folder = temporaryFolder(t)
  const code = join(folder, 'jobs/charge.ts')
  mkdirSync(dirname(code))
  writeFileSync(code, block('ts jobs/charge.ts'))
  writeFileSync(join(folder, 'design.yaml'), block('yaml design').replace('    run: jobs', '    retry: { first: 10ms }\n    run: jobs'))
  const upstream = await startUpstream(t)
  const variables = new Map([
    ['BILLING_URL', `${upstream.url}/v1`],
    ['BILLING_TOKEN', 'token'],
  ])
  const { sql, ask, tokenFor } = await testBackend(t, await readWithCode(join(folder, 'design.yaml')), { variables })
  const [user] = await sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  const token = await tokenFor(String(user?.id))
  const pay = async (cents: number): Promise<string> => {
    const { id } = (await ask('POST', '/api/orders', { token, body: { cents } })).json
    assert.equal((await ask('POST', `/api/orders/${id}/pay`, { token })).status, 200)
    return id
  }
  let left = 4
  upstream.answer = (request, response) => json({ number: 'c-1' }, left-- > 0 ? 503 : 200)(request, response)
  const paid = await pay(500)
  await until('the charge', async () => (await ask('GET', `/api/orders/${paid}`, { token })).json.charge)
  assert.equal(new Set(upstream.requests.map(({ headers }) => headers['idempotency-key'])).size, 1)
  assert.deepEqual([upstream.requests.at(-1)?.url, upstream.requests.at(-1)?.headers.authorization], ['/v1/charges', 'Bearer token'])
  upstream.answer = json({ error: 'declined' }, 402)
  const declined = await pay(700)
  await until('the end of the job', async () => ((await sql('select 1 from plinth.jobs')).length === 0 ? true : null))
  assert.equal((await ask('GET', `/api/orders/${declined}`, { token })).json.charge, null)
})

test('every key, way to authorize, reason and code is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/[\w-]+/g) ?? []))
  const { keys } = SERVICES.form.of
  const names = [
    ...Object.keys(keys),
    ...Object.keys(keys.circuitBreaker.form.keys),
    ...Object.values(keys.auth.form.cases).flatMap(({ keys: of }) => Object.keys(of)),
    ...Object.keys(SERVICE_FAILURES),
    ...Object.values(SERVICE_FAILURES),
  ]
  assert.deepEqual(
    [...new Set(names)].filter((name) => !words.has(name)),
    [],
  )
})
