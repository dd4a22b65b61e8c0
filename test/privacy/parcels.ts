/** The design of docs/reference/privacy.md with two people in it, and what tests ask about them. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { privacy } from '../../src/commands/protection/privacy.ts'
import type { Io, Outcome } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { openDiskStorage } from '../../src/services/files/disk-storage.ts'
import { modelOfPage, referencePage } from '../documents/reference-page.ts'
import { put } from '../files/blog.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'

/** A value that only one person has. */
export const ADA = {
  email: 'ada.lovelace@example.com',
  name: 'Ada "the First" Lovelace',
  city: 'Trondheim',
  address: '12 Ockham Lane, Surrey',
  note: 'ring the bell twice, Ünïcode Ockham',
  photo: 'countess-portrait.png',
} as const

export interface Parcels extends TestBackend {
  readonly folder: string
  readonly files: string
  readonly ids: Readonly<Record<'ada' | 'bob' | 'order' | 'wish' | 'review' | 'bobsOrder', string>>
  readonly adaToken: string
  readonly io: Io
  readonly variables: Readonly<Record<string, string>>
  privacy(input: Partial<Parameters<typeof privacy>[0]>): Promise<Exclude<Outcome, { exit: 'of-child' }>>
}

/** Starts the backend, and lets two people do what leaves traces: rows, files, events, jobs, messages, kept answers. */
export async function parcels(t: TestContext): Promise<Parcels> {
  const page = referencePage('privacy.md')
  const { model, findings } = await modelOfPage(t, page)
  assert.deepEqual(findings, [])
  const [folder, files] = [temporaryFolder(t), temporaryFolder(t)]
  const variables = { CARRIER_URL: 'http://127.0.0.1:9/none', CARRIER_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }
  const world = await testBackend(t, model, { files: openDiskStorage(files), variables } as object)
  const person = async (body: object) => (await world.ask('POST', '/api/auth/register', { body })).json
  const ada = await person({ email: 'Ada.Lovelace@Example.com', password: 'Lantern-Otter-42-wharf', name: ADA.name, city: ADA.city })
  const bob = await person({ email: 'bob@example.com', password: 'Lantern-Otter-42-wharf', name: 'Bob', city: ADA.city })
  const [token, other] = [ada.token, bob.token]
  const made = async (path: string, body: object, by = token) => {
    const { status, json, text } = await world.ask('POST', path, { token: by, body })
    assert.equal(status, 201, text)
    return json.id as string
  }
  const order = await made('/api/orders', { total: 5, address: ADA.address })
  const bobsOrder = await made('/api/orders', { total: 6, address: 'elsewhere' }, other)
  await made('/api/notes', { order, text: ADA.note })
  const wish = await made('/api/wishes', { text: 'a calculating engine' })
  const review = await made('/api/reviews', { text: 'quick' })
  await made('/api/reviews', { text: `I sent it to ${ADA.address}.` }, other)
  const photo = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), Buffer.from(`secret bytes of ${ADA.name}`)])
  const sent = await put(world, `/api/users/${ada.user.id}/photo?name=${ADA.photo}`, { token, body: photo })
  assert.equal(sent.status, 200, sent.text)
  const reminded = await world.ask('POST', `/api/orders/${order}/remind`, {
    token,
    body: { text: `Tell ${ADA.email.toUpperCase()} at ${ADA.address}` },
    headers: { 'idempotency-key': 'one' },
  })
  assert.equal(reminded.status, 200, reminded.text)
  const changed = await world.ask('PATCH', `/api/orders/${order}`, { token, body: { total: 7 } })
  assert.equal(changed.status, 200, changed.text)
  const io: Io = {
    cwd: folder,
    env: { DATABASE_URL: world.databaseUrl, FILES: files },
    style: PLAIN,
    terminal: 'plain',
    observe: () => {},
    stop: new AbortController().signal,
    self: { command: [], supervisor: null },
  }
  writeFileSync(join(folder, 'design.yaml'), designOf(page))
  return {
    ...world,
    folder,
    files,
    ids: { ada: ada.user.id, bob: bob.user.id, order, wish, review, bobsOrder },
    adaToken: token,
    io,
    variables,
    privacy: async (input) => {
      const outcome = await privacy(
        { doing: 'erase', of: ADA.email, entity: undefined, design: undefined, out: undefined, run: 'apply', ...input },
        io,
      )
      assert.ok(outcome.exit !== 'of-child')
      return outcome
    },
  }
}

function designOf(page: string): string {
  return /^```yaml design\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
}

/** Everything that is stored, as one text in lower case: all tables as COPY writes them, statistics of PostgreSQL, and all files. */
export async function everythingStored({ sql, files }: Pick<Parcels, 'sql' | 'files'>): Promise<string> {
  const parts: string[] = []
  const tables = await sql(`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'plinth')`)
  for (const { name } of tables) {
    const rows = await sql(`select t::text as text, to_jsonb(t)::text as json from ${name} t`)
    parts.push(...rows.map(({ text, json }) => `${text}\n${json}`))
  }
  const statistics = await sql(
    `select most_common_vals::text as common, histogram_bounds::text as bounds from pg_stats where schemaname in ('public', 'plinth')`,
  )
  parts.push(...statistics.map(({ common, bounds }) => `${common} ${bounds}`))
  for (const entry of readdirSync(files, { recursive: true, withFileTypes: true }))
    parts.push(entry.name, ...(entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), 'latin1')] : []))
  return parts.join('\n').toLowerCase()
}

/** The rows of the design, their jobs and kept answers: what no process changes by itself meanwhile. */
export async function ownRows({ sql }: Pick<Parcels, 'sql'>): Promise<string> {
  const parts: string[] = []
  for (const table of [
    'users',
    'orders',
    'notes',
    'wishes',
    'reviews',
    'plinth.jobs',
    'plinth.idempotency_keys',
    'plinth.sessions',
    'plinth.files',
  ])
    parts.push(...(await sql(`select t::text as text from ${table} t order by 1`)).map(({ text }) => `${text}`))
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}
