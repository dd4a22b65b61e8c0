/** What `plinth privacy` exports and erases, on the design of its reference page. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SERVICES } from '../../src/server/services.ts'
import type { ErasureReport } from '../../src/services/privacy/erase-person.ts'
import { KEPT_TEXTS, PLAIN_TEXTS } from '../../src/services/privacy/kept-texts.ts'
import { replacerOf } from '../../src/services/privacy/replace-values.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { ADA, everythingStored, ownRows, parcels } from './parcels.ts'

/** What must be nowhere afterwards. The city is also that of somebody else, so only the row of the person loses it. */
const SECRETS = [ADA.email, ADA.name, 'lovelace', ADA.address, 'ockham', ADA.note, ADA.photo, 'secret bytes of'].map((value) =>
  value.toLowerCase(),
)

const found = (stored: string): readonly string[] =>
  SECRETS.filter((secret) => stored.includes(secret) || stored.includes(JSON.stringify(secret).slice(1, -1)))

test('a person is exported and erased', async (t) => {
  const world = await parcels(t)

  await t.test('an export has every row, file, event and job of the person, and nothing of others', async () => {
    const out = join(temporaryFolder(t), 'ada')
    const done = await world.privacy({ doing: 'export', out })
    assert.equal(done.exit, 0, done.text)
    const text = readFileSync(join(out, 'person.json'), 'utf8')
    const { rows, files, records } = JSON.parse(text)
    assert.deepEqual(
      Object.entries(rows).map(([entity, list]) => [entity, (list as unknown[]).length]),
      [
        ['User', 1],
        ['Order', 1],
        ['Note', 1],
        ['Wish', 1],
        ['Review', 1],
      ],
    )
    assert.equal(rows.User[0].email, ADA.email)
    assert.equal(rows.User[0].password, undefined)
    assert.deepEqual([records.sessions.length, records.jobs.length, records.events.length > 0], [1, 1, true])
    assert.equal(files.length, 1)
    assert.ok(readFileSync(join(out, files[0].path), 'latin1').includes('secret bytes of'))
    assert.ok(!text.includes('bob@example.com') && !text.includes('argon2'), text)
  })

  await t.test('a constraint that stands against an erasure leaves everything as it was', async () => {
    await world.sql(`alter table orders add constraint known check (address is not null)`)
    const before = await ownRows(world)
    const refused = await world.privacy({})
    assert.equal(refused.exit, 1)
    assert.ok(refused.text.includes('Order would break known'), refused.text)
    assert.equal(await ownRows(world), before)
    await world.sql('alter table orders drop constraint known')
    const byId = await world.privacy({ of: world.ids.bobsOrder, entity: 'Order' })
    assert.deepEqual(byId.exit === 0 && (byId.data as ErasureReport).erased.map((rows) => [rows.entity, rows.deleted]), [['Order', 1]])
  })

  await t.test('after an erasure no value of the person is stored anywhere', async () => {
    const { sql, ids } = world
    await sql('vacuum analyze')
    assert.deepEqual(found(await everythingStored(world)), SECRETS)
    const before = await ownRows(world)

    const dry = await world.privacy({ run: 'dry' })
    assert.equal(dry.exit, 0, dry.text)
    assert.equal(await ownRows(world), before, 'a dry run changed something')

    const done = await world.privacy({})
    assert.equal(done.exit, 0, done.text)
    const { erased, kept, cleaned } = done.data as ErasureReport
    assert.deepEqual(erased, (dry.data as ErasureReport).erased)
    assert.deepEqual(
      erased.map((rows) => [rows.entity, rows.deleted, rows.emptied, rows.unlinked]),
      [
        ['User', 0, 1, {}],
        ['Order', 0, 1, {}],
        ['Note', 0, 1, {}],
        ['Wish', 1, 0, {}],
        ['Review', 0, 0, { author: 1 }],
      ],
    )
    assert.deepEqual(
      kept.filter(({ rows }) => rows === 0).map(({ what }) => what),
      ['User.city'],
    )
    const mentioned = kept.find(({ what }) => what === 'Review')
    assert.equal(mentioned?.rows, 1)
    assert.ok(
      ['sessions', 'jobs.payload', 'messages about Order'].every((name) => cleaned.some(({ what }) => what === name)),
      JSON.stringify(cleaned),
    )
    for (const secret of SECRETS) assert.ok(!JSON.stringify(done).toLowerCase().includes(secret), `the report has ${secret}`)

    // Somebody else wrote the address. Such a row is listed, and not changed.
    await sql('delete from reviews where id = any($1)', [mentioned?.ids])
    await sql('analyze reviews')
    assert.deepEqual(found(await everythingStored(world)), [])

    const [row] = await sql('select * from users where id = $1', [ids.ada])
    assert.match(String(row?.email), /^erased-[0-9a-f-]{36}@example\.invalid$/)
    assert.deepEqual([row?.name, row?.city, row?.photo], ['erased', null, null])
    assert.equal((await sql('select city from users where id = $1', [ids.bob]))[0]?.city, ADA.city)
    const [order, bobs] = await sql('select total, address from orders order by id = $1 desc', [ids.order])
    assert.deepEqual([order, bobs], [{ total: '7', address: null }, undefined])
    const login = await world.ask('POST', '/api/auth/login', { body: { email: ADA.email, password: 'Lantern-Otter-42-wharf' } })
    assert.equal(login.status, 401)
    assert.equal((await sql('select count(*)::int as n from plinth.sessions where user_id = $1', [ids.ada]))[0]?.n, 0)

    const again = await world.privacy({})
    assert.equal(again.exit, 1)
    assert.ok(again.text.includes('there is no such User'), again.text)
  })
})

test('every column of texts that Plinth keeps is known to the erasure', () => {
  const known = new Set([...KEPT_TEXTS.map(({ table, column }) => `${table}.${column}`), ...PLAIN_TEXTS])
  const columns = SERVICES.flatMap(({ tables }) =>
    tables.flatMap((table) => table.columns.filter(({ type }) => /text|json/.test(type)).map(({ name }) => `${table.name}.${name}`)),
  )
  assert.deepEqual(
    columns.filter((column) => !known.has(column)),
    [],
  )
})

test('values are replaced as whole words, in any case and spelling', () => {
  const { inText, inJson } = replacerOf(['Ann', 'ann@example.com', '1234567'])
  assert.equal(inText('ANN and Anna at joann@example.com, ann%40example.com'), '[erased] and Anna at joann@example.com, [erased]')
  assert.equal(
    inJson('{"a":"line\\nAnn","Ann":[1234567,12345678,9007199254740993]}'),
    '{"a":"line\\n[erased]","[erased]":[null,12345678,9007199254740993]}',
  )
  assert.equal(inJson('{"a":"\\u0041nn"}'), '{"a":"[erased]"}')
  assert.equal(inJson('{"a": 1}'), '{"a": 1}')
})
