/** `plinth settings` and the start: both name every wrong setting at once. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { runHere } from './command-here.ts'

const DESIGN = `name: shop
entities:
  User:
    identity: { login: email, password: password }
    fields: { email: { type: email, unique: true }, password: { type: password } }
    access: { create: 'true', read: id == auth.id }
  Item:
    fields: { title: { type: text }, picture: { type: file } }
    access: { read: 'true', create: 'true' }
on:
  Item.created: [{ webhook: crm }]
integrations:
  webhooks:
    crm: { url: CRM_URL, secret: CRM_SECRET }
`

test('a start and the check name every missing setting of Plinth and of the design at once', { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const env = { DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:9/app', AUTH_KEYS: 'too short', PORT: 'x', NODE_ENV: 'production' }
  const checked = await runHere(t, ['settings', 'check', '--json'], { cwd: folder, env })
  assert.equal(checked.code, 1, checked.stderr)
  const { ok, problems, settings, error } = JSON.parse(checked.stdout)
  assert.equal(ok, false)
  assert.equal(error.exit, 1)
  const names = problems.map((one: string) => /^\w+/.exec(one)?.[0])
  assert.deepEqual(names.toSorted(), ['AUTH_KEYS', 'CRM_SECRET', 'CRM_URL', 'FILES', 'PORT', 'PUBLIC_URL'])
  assert.deepEqual(
    settings.find((one: { name: string }) => one.name === 'DATABASE_URL'),
    { name: 'DATABASE_URL', from: 'environment' },
  )
  const started = await runHere(t, ['serve'], { cwd: folder, env })
  assert.equal(started.code, 3)
  for (const problem of problems) assert.ok(started.stderr.includes(problem), problem)
  assert.doesNotMatch(checked.stdout + started.stderr, /hunter2|too short/)

  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  for (const [name, text] of [
    ['key', privateKey],
    ['secret', `whsec_${Buffer.alloc(24, 7).toString('base64')}`],
  ] as const)
    writeFileSync(join(folder, name), `${text}\n`)
  const right = {
    ...{ DATABASE_URL: env.DATABASE_URL, PUBLIC_URL: 'https://shop.example.com', NODE_ENV: 'production', FILES: join(folder, 'files') },
    ...{ AUTH_KEYS_FILE: join(folder, 'key'), CRM_URL: 'https://crm.example.com', CRM_SECRET_FILE: join(folder, 'secret') },
  }
  const accepted = await runHere(t, ['settings', 'check'], { cwd: folder, env: right })
  assert.equal(accepted.code, 0, accepted.stdout)
  assert.match(accepted.stdout, /plinth serve would start with these settings/)
})

test('the help of serve ends with the settings', { timeout: 60_000 }, async (t) => {
  const { stdout } = await run(t, [...PLINTH, 'serve', '--help'])
  assert.match(
    stdout,
    /Settings, from the environment:\n {2}DATABASE_URL \(URL; required; secret: may be in the file that DATABASE_URL_FILE names\)/,
  )
  assert.match(stdout, /JOB_CONCURRENCY \(whole number; default 10\)/)
})
