/** Where else an encrypted field could be: hooks, code, events, kept answers, exports, and the commands about keys. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { keys } from '../../src/commands/protection/keys.ts'
import { privacy } from '../../src/commands/protection/privacy.ts'
import type { Io } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { readEncryptionKeys } from '../../src/services/encryption/keys.ts'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { everythingStored } from '../privacy/parcels.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { modelOf } from '../support/resolved.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code of a design that a test makes has no types
type Context = any

const DIAGNOSIS = 'a rare migraine'
const MORE = `${DIAGNOSIS}, and more`
const KEYS = `one:${Buffer.from([...Array(32).keys()]).toString('base64')}`

const DESIGN = {
  name: 'ward',
  entities: {
    Patient: {
      fields: {
        name: { type: 'text', max: 100 },
        diagnosis: { type: 'text', max: 200, optional: true, private: true, encrypted: true },
        insurance: { type: 'text', max: 40, optional: true, private: true, encrypted: { equality: true } },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      hooks: {
        beforeUpdate: ({ row, input }: Context) => (input.name === 'seen' ? { diagnosis: `${row.diagnosis}, and more` } : {}),
      },
      actions: {
        tell: {
          allow: 'true',
          run: async ({ row, db }: Context) => {
            const [found] = await db.Patient.list({ filter: { insurance: { eq: 'N-77' } } })
            return { told: row.diagnosis, found: found?.insurance ?? null }
          },
          output: { told: 'text', found: 'text' },
        },
      },
    },
  },
  on: { 'Patient.updated': [{ webhook: 'desk' }] },
  integrations: { webhooks: { desk: { url: 'DESK_URL', secret: 'DESK_SECRET' } } },
}

test('the clear text is in hooks, code and exports, and nowhere in the database', async (t) => {
  const files = temporaryFolder(t)
  const variables = { DESK_URL: 'http://127.0.0.1:9/none', DESK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }
  const encryption = readEncryptionKeys('keys', KEYS)
  const world = await testBackend(t, modelFrom(DESIGN), { encryption, variables } as object)
  const headers = { 'idempotency-key': 'once' }
  const body = { name: 'new', diagnosis: DIAGNOSIS, insurance: 'N-77' }
  const created = await world.ask('POST', '/api/patients', { body, headers })
  assert.equal(created.status, 201, created.text)
  const repeated = await world.ask('POST', '/api/patients', { body, headers })
  assert.deepEqual([repeated.headers['idempotency-replayed'], repeated.json.diagnosis], ['true', DIAGNOSIS])
  const changed = await world.ask('PATCH', `/api/patients/${created.json.id}`, { body: { name: 'seen' } })
  assert.equal(changed.json.diagnosis, MORE, changed.text)
  const tell = () => world.ask('POST', `/api/patients/${created.json.id}/tell`, { headers: { 'idempotency-key': 'two' } })
  assert.deepEqual((await tell()).json, { told: MORE, found: 'N-77' })
  assert.deepEqual((await tell()).json, { told: MORE, found: 'N-77' })
  const stored = await everythingStored({ sql: world.sql, files })
  assert.ok(stored.includes('pln1.one.') && !stored.includes('migraine') && !stored.includes('n-77'))

  const folder = temporaryFolder(t)
  const { hooks: _, actions: __, ...plain } = DESIGN.entities.Patient
  writeFileSync(join(folder, 'design.yaml'), JSON.stringify({ name: 'ward', entities: { Patient: plain } }))
  const io: Io = {
    cwd: folder,
    env: { DATABASE_URL: world.databaseUrl, FILES: files, ENCRYPTION_KEYS: KEYS },
    style: PLAIN,
    terminal: 'plain',
    observe: () => {},
    stop: new AbortController().signal,
    self: { command: [], supervisor: null },
  }
  const of = { of: created.json.id, entity: 'Patient', design: undefined, out: undefined, run: 'apply' } as const
  const exported = await privacy({ doing: 'export', ...of }, io)
  assert.ok(exported.exit === 0 && exported.text.includes(MORE) && exported.text.includes('N-77'))
  const other = { ...io, env: { ...io.env, ENCRYPTION_KEYS: `two:${KEYS.slice(4)}` } }
  await assert.rejects(privacy({ doing: 'export', ...of }, other), /no key has the id one/)
  const rotated = await keys(
    { doing: 'rotate', design: undefined },
    { ...io, env: { ...io.env, ENCRYPTION_KEYS: `two:${KEYS.slice(4)},${KEYS}` } },
  )
  assert.ok(rotated.exit === 0 && /2 values encrypted with two/.test(rotated.text))
  const events = Number((await world.sql('select count(*) from plinth.events'))[0]?.count)
  assert.equal(events, 1, 'a rotation logs no event')
  const status = await keys({ doing: 'status', design: undefined }, io)
  assert.ok(status.exit === 0)
  assert.deepEqual(status.data, { keys: ['diagnosis', 'insurance'].map((field) => ({ field: `Patient.${field}`, key: 'two', values: 1 })) })
  const erased = await privacy({ doing: 'erase', ...of }, other)
  assert.equal(erased.exit, 0)
})

test('the example of the reference is served as it says', async (t) => {
  const file = join(temporaryFolder(t), 'design.yaml')
  writeFileSync(file, blockOf(referencePage('privacy.md'), 'yaml design=encrypted'))
  const read = await readDesign(file)
  assert.ok(read.ok)
  const world = await testBackend(t, modelOf(read.design))
  const body = { name: 'Ada', diagnosis: 'none', insurance: 'A-1' }
  assert.equal((await world.ask('POST', '/api/patients', { body })).status, 201)
  assert.equal((await world.ask('GET', '/api/patients?filter[insurance]=A-1')).json.data[0].diagnosis, 'none')
})
