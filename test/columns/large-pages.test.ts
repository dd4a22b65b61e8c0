/** Pages near the limit of an answer end at the same row as columns and as text. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'

const notes = {
  name: 'notes',
  entities: {
    Pad: { fields: { title: { type: 'text', max: 20 } }, access: { read: 'true' } },
    Note: {
      fields: {
        body: { type: 'text', max: 1_000_000 },
        pad: { type: 'ref', entity: 'Pad', inverse: 'notes' },
      },
      access: { read: 'true' },
    },
  },
}

/** The bytes of the JSON of a page of notes apart from their bodies, for this many rows. */
const OTHERS = (rows: number) => '[]'.length + rows * '{"body":""}'.length + (rows - 1)

test('pages near the limit of an answer end at the same row in both forms', async (t) => {
  const columns = await testBackend(t, modelFrom(notes))
  const text = await testBackend(t, columns.model, { databaseUrl: columns.databaseUrl, columns: false })
  // The limits of the design would keep the rows below the limit of an answer.
  await columns.sql('alter table notes drop constraint notes_body_length_check')
  await columns.sql("insert into pads (id, title) values ('00000000-0000-7000-8000-000000000000', 'a pad')")

  /** Replaces the notes. */
  async function write(bodies: readonly (readonly [body: string, times: number])[]): Promise<void> {
    await columns.sql('delete from notes')
    for (const [i, [body, times]] of bodies.entries()) {
      const id = `00000000-0000-7000-8000-${String(i + 1).padStart(12, '0')}`
      await columns.sql(`insert into notes (id, body, pad_id) values ($1, repeat($2, $3), '00000000-0000-7000-8000-000000000000')`, [
        id,
        body,
        times,
      ])
    }
  }

  /** The numbers of rows of the pages. */
  async function pages(url: string): Promise<readonly (number | string)[]> {
    const sizes: (number | string)[] = []
    for (let at: string | undefined = url; at !== undefined; ) {
      const mine: Answered = await columns.ask('GET', at)
      const theirs: Answered = await text.ask('GET', at)
      assert.equal(mine.status, theirs.status, mine.status === 200 ? theirs.text : mine.text)
      assert.equal(mine.headers.link, theirs.headers.link)
      if (mine.status !== 200) return [...sizes, mine.json.type]
      assert.ok(mine.text === theirs.text, `${at} differs`)
      sizes.push(mine.json.data.length)
      at = /^<([^>]*)>/.exec(String(mine.headers.link))?.[1]
    }
    return sizes
  }

  /** Asks for four notes by GraphQL: the number of rows, or the code of the refusal. */
  async function queried(): Promise<number | string> {
    const asked = { body: { query: '{notes(first:4){nodes{body}}}' }, headers: { accept: 'application/graphql-response+json' } }
    const mine = await columns.ask('POST', '/graphql', asked)
    const theirs = await text.ask('POST', '/graphql', asked)
    assert.equal(mine.status, theirs.status)
    if (mine.status !== 200) return mine.json.errors[0].extensions.code
    assert.ok(mine.text === theirs.text, 'the answers to a query differ')
    return mine.json.data.notes.nodes.length
  }

  const quarter = LIMITS.answerBytes / 4
  const exact = LIMITS.answerBytes - OTHERS(4) - 3 * (quarter - 20)
  await write([...[1, 2, 3].map(() => ['x', quarter - 20] as const), ['y', exact], ['z', 1]])
  assert.deepEqual(await pages('/api/notes?fields=body&page[size]=4'), [4, 1])
  await write([...[1, 2, 3].map(() => ['x', quarter - 20] as const), ['y', exact + 1], ['z', 1]])
  assert.deepEqual(await pages('/api/notes?fields=body&page[size]=4'), [3, 2])

  // GraphQL measures the JSON of the whole connection, and does not cut it.
  const inQuery = LIMITS.answerBytes - OTHERS(4) - '{"nodes":}'.length - 3 * (quarter - 20)
  await write([...[1, 2, 3].map(() => ['x', quarter - 20] as const), ['y', inQuery], ['z', 1]])
  assert.equal(await queried(), 4)
  await write([...[1, 2, 3].map(() => ['x', quarter - 20] as const), ['y', inQuery + 1], ['z', 1]])
  assert.equal(await queried(), 'query_too_large')

  // Escaped characters, characters of several bytes, and many more rows than fit.
  await write(Array.from({ length: 30 }, (_, i) => [['"', 'é', '\u0001', 'x'][i % 4] ?? '', 400_000 + i] as const))
  const sizes = await pages('/api/notes?include=pad&page[size]=100')
  assert.ok(sizes.length > 1 && !sizes.includes(30), String(sizes))
  assert.ok(
    ['list Note', 'query'].every((name) => columns.statements.some((sent) => sent.name === name && sent.text.includes('"#before"'))),
    'the pages did not run as columns',
  )

  await write([
    ['a', 5],
    ['b', LIMITS.answerBytes],
    ['c', 5],
  ])
  assert.deepEqual(await pages('/api/notes?page[size]=100'), [1, 'urn:problem-type:plinth:answer_too_large'])
})
