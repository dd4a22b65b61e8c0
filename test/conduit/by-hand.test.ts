/** The cases of the contract: that there are enough of them, and that the API by hand, which Plinth is compared with, passes them. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { newPem } from '../identity/instances.ts'
import { freePort, ROOT, start } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { CASES } from './cases.ts'
import { clientOf, sendTo } from './client.ts'
import { CONTRACT, type Operation, operationNamed } from './contract.ts'
import { runCases } from './run-cases.ts'
import type { Kind } from './world.ts'

test('the contract has 19 operations, and each has cases of every kind that it can have', () => {
  assert.equal(CONTRACT.operations.size, 19)
  const found = new Set(CASES.map(({ operation, kind }) => `${operation}: ${kind}`))
  const wanted = [...CONTRACT.operations.values()].flatMap((operation) => kindsOf(operation).map((kind) => `${operation.id}: ${kind}`))
  assert.deepEqual(
    wanted.filter((one) => !found.has(one)),
    [],
  )
})

function kindsOf({ isSecured, statuses, body, queryNames, id }: Operation): readonly Kind[] {
  return [
    'success',
    'bad token',
    ...(isSecured ? (['no token'] as const) : []),
    ...(statuses.has(403) ? (['wrong owner'] as const) : []),
    ...(statuses.has(404) ? (['missing resource'] as const) : []),
    ...(body !== null || queryNames.length > 0 ? (['invalid value'] as const) : []),
    // Equal titles are allowed, so nothing of an article is taken.
    ...(statuses.has(409) && id !== 'CreateArticle' ? (['taken name'] as const) : []),
  ]
}

test('an answer that does not fit the contract is noticed', () => {
  const read = (id: string, status: number, body: unknown) => () =>
    CONTRACT.read(operationNamed(id), { status, type: 'application/json', text: body === undefined ? '' : JSON.stringify(body) })
  const profile = { username: 'ada', bio: null, image: null, following: false }
  read('GetProfileByUsername', 200, { profile })()
  for (const [status, body, said] of [
    [200, { profile: { ...profile, following: null } }, /following must be boolean/],
    [200, { profile: { ...profile, bio: undefined } }, /must have required property 'bio'/],
    [200, { profile: { ...profile, email: 'ada@example.com' } }, /must NOT have additional properties/],
    [200, profile, /must have required property 'profile'/],
    [404, { errors: { profile: 'not found' } }, /profile must be array/],
    [404, { code: 'not_found' }, /must have required property 'errors'/],
    [403, { errors: {} }, /the contract has 200, 401, 404, 422/],
  ] as const)
    assert.throws(read('GetProfileByUsername', status, body), said)
  assert.throws(read('DeleteArticle', 204, {}), /204/)
})

test('the API by hand passes all cases', { timeout: 60_000 }, async (t) => {
  const folder = join(ROOT, 'bench/peers/fastify-pg/conduit')
  const database = await testDatabase()
  t.after(() => database.drop())
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(readFileSync(join(folder, 'tables.sql'), 'utf8')).finally(() => client.end())
  const port = await freePort()
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.url,
    AUTH_KEY: newPem(),
    PUBLIC_URL: 'http://localhost',
  }
  const server = start(t, [process.execPath, join(folder, 'server.js')], { env: environment })
  await server.until(/listening/)
  await runCases(t, clientOf(sendTo(`http://127.0.0.1:${port}`), ''))
})
