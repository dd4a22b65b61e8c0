/** The example of code in docs/reference/logic.md compiles and does what the page says. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeCodeTypes } from '../../src/commands/setup/code-types.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { testBackend } from '../support/backend.ts'
import { errorsIn, readWithCode } from './code-world.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/logic.md'), 'utf8')

test('the code of the page compiles and runs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-page-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'logic'))
  const design = /^```yaml design\n(name: gifts\n[\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  const code = /^```ts file=logic\/redeem\.ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  writeFileSync(join(folder, 'design.yaml'), design)
  writeFileSync(join(folder, 'logic/redeem.ts'), code)
  const model = await readWithCode(folder)
  writeCodeTypes(join(folder, 'design.yaml'), model)
  assert.deepEqual(errorsIn(folder, ['logic/redeem.ts']), [])

  const world = await testBackend(t, model)
  const [ann] = await insertPeople(world, 'persons', [{ email: 'ann@example.com' }])
  await insertRows(world, 'vouchers', [
    { code: 'A', cents: 500 },
    { code: 'B', cents: 200 },
  ])
  const redeem = (voucher: string) => world.ask('POST', '/api/actions/redeem', { token: ann?.token, body: { voucher } })
  assert.deepEqual((await redeem('A')).json, { added: 500, total: 500 })
  assert.deepEqual((await redeem('B')).json, { added: 200, total: 700 })
  const used = await redeem('A')
  assert.deepEqual([used.status, used.json.code, used.json.detail], [409, 'voucher_used', 'this voucher has been used'])
})

test('a voucher is redeemed once, by 20 at once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-page-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'logic'))
  writeFileSync(join(folder, 'design.yaml'), /^```yaml design\n(name: gifts\n[\s\S]*?)^```$/m.exec(page)?.[1] ?? '')
  writeFileSync(join(folder, 'logic/redeem.ts'), /^```ts file=logic\/redeem\.ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '')
  const world = await testBackend(t, await readWithCode(folder))
  const people = await insertPeople(
    world,
    'persons',
    Array.from({ length: 4 }, (_, i) => ({ email: `p${i}@example.com` })),
  )
  await insertRows(world, 'vouchers', [{ code: 'A', cents: 500 }])
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => world.ask('POST', '/api/actions/redeem', { token: people[i % 4]?.token, body: { voucher: 'A' } })),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.deepEqual(await world.sql('select sum(cents)::int as sum from credits'), [{ sum: 500 }])
})
