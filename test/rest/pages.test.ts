/** Consecutive pages, in orders with missing values or with keys in different directions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const ROWS = 20_000

const tasks = {
  name: 'tasks',
  entities: {
    Task: {
      fields: {
        title: { type: 'text', max: 40 },
        due: { type: 'timestamp', optional: true },
        rank: { type: 'integer' },
      },
      access: { read: 'true', create: 'true' },
      indexes: [['due'], ['-rank', 'title'], ['-rank', '-due']],
    },
  },
}

/** Orders of a list, and the same orders in SQL. */
const ORDERS = {
  due: 'due, id',
  '-due': 'due desc, id desc',
  '-rank,title': 'rank desc, title, id',
  '-rank,-due': 'rank desc, due desc, id desc',
} as const

test('the pages of any order contain each row once and in order', async (t) => {
  const { ask, sql, statements } = await testBackend(t, modelFrom(tasks), { mode: 'production' })
  // Every fifth row has no date, and several rows share each date and each rank.
  await sql(
    `insert into tasks (title, due, rank) select 'Task ' || n % 700, case when n % 5 > 0 then timestamptz '2026-01-01' + (n % 900) * interval '1 hour' end, n % 40
     from generate_series(1, ${ROWS}) n`,
  )
  await sql('analyze tasks')
  for (const [sort, order] of Object.entries(ORDERS)) {
    const wanted = (await sql(`select id from tasks order by ${order}`)).map((row) => row.id)
    const seen: string[] = []
    statements.length = 0
    for (let next: string | null = ''; next !== null; ) {
      const { status, json } = await ask('GET', `/api/tasks?fields=id&page[size]=100&sort=${sort}${next}`)
      assert.equal(status, 200, JSON.stringify(json))
      seen.push(...json.data.map((row: { id: string }) => row.id))
      next = json.page.next === null ? null : `&page[after]=${json.page.next}`
    }
    assert.deepEqual(seen, wanted, sort)
    const later = new Set(statements.slice(1).map(({ text }) => text))
    for (const text of later) {
      const plan = (await sql(`explain (generic_plan, costs off) ${text}`)).map((row) => String(row['QUERY PLAN']))
      const scans = plan.flatMap((line, i) => (/ Scan .*\btasks\b/.test(line) ? [`${line.trim()} | ${plan[i + 1]?.trim()}`] : []))
      assert.ok(scans.length > 0, plan.join('\n'))
      for (const scan of scans)
        assert.match(
          scan,
          /Index (Only )?Scan (Backward )?using .* \| Index Cond: |Bitmap Heap Scan .* \| Recheck Cond: /,
          `${sort}\n${plan.join('\n')}`,
        )
    }
  }
})

test('a list sorted by durations continues after a negative duration', async (t) => {
  const shifts = {
    name: 'shifts',
    entities: {
      Shift: {
        fields: { from: { type: 'timestamp' }, to: { type: 'timestamp' }, lasts: { type: 'computed', expression: 'to - from' } },
        access: { read: 'true', create: 'true' },
        indexes: [['lasts']],
      },
    },
  }
  const { ask } = await testBackend(t, modelFrom(shifts))
  const at = (hours: number) => new Date(Date.UTC(2026, 0, 10) + hours * 3_600_000).toISOString()
  const hours = [-25, -2, 0, 0.5, 49]
  const made = await ask('POST', '/api/shifts', { body: hours.map((n) => ({ from: at(0), to: at(n) })) })
  assert.equal(made.status, 201, made.text)
  const seen: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const { status, json } = await ask('GET', `/api/shifts?sort=lasts&page[size]=1${next}`)
    assert.equal(status, 200, JSON.stringify(json))
    seen.push(...json.data.map((row: { lasts: string }) => row.lasts))
    next = json.page.next === null ? null : `&page[after]=${json.page.next}`
  }
  assert.deepEqual(seen, ['-P1DT1H', '-PT2H', 'PT0S', 'PT30M', 'P2DT1H'])
  for (const forged of ['P', 'PT', 'P9999999Y', 'PT1e9S', '-P1D'])
    assert.equal(
      (await ask('GET', `/api/shifts?sort=lasts&page[after]=${cursorOf(forged, made.json[0].id)}`)).json.code,
      'invalid_cursor',
      forged,
    )
})

test('the server accepts every cursor that it gives, even for long texts', async (t) => {
  const notes = {
    name: 'notes',
    entities: {
      Note: {
        fields: { word: { type: 'text' }, tag: { type: 'text', max: 10 } },
        access: { read: 'true', create: 'true' },
        indexes: [['word']],
      },
    },
  }
  const { ask } = await testBackend(t, modelFrom(notes))
  // An index can contain these texts, because they can be compressed; a cursor is not compressed.
  const words = ['a', 'b'.repeat(5_000), `c${'é'.repeat(9_000)}`, `c${'é'.repeat(9_999)}`, 'd']
  for (const [i, word] of words.entries()) assert.equal((await ask('POST', '/api/notes', { body: { word, tag: `${i}` } })).status, 201)
  const page = async (query: string) => (await ask('GET', `/api/notes?sort=word&fields=tag${query}`)).json
  const first = await page('&page[size]=1')
  const second = await page(`&page[size]=1&page[after]=${first.page.next}`)
  assert.deepEqual(second.data, [{ tag: '1' }])
  assert.ok(second.page.next.length > 6_000)
  const rest = `&page[after]=${second.page.next}`
  assert.deepEqual((await page(rest)).data, [{ tag: '2' }, { tag: '3' }, { tag: '4' }])
  const { status, code, detail } = await page(`${rest}&page[size]=1`)
  assert.deepEqual([status, code], [400, 'invalid_parameter'])
  assert.match(detail, /^parameter "sort": the sort values of the last row are too long for the address of the next page/)
  const query =
    'query ($after: String) { notes(first: 1, orderBy: [{ word: ASC }], after: $after) { edges { cursor node { tag } } pageInfo { endCursor hasNextPage } } }'
  const seen: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { json, text } = await ask('POST', '/graphql', { body: { query, variables: { after } } })
    assert.equal(json.errors, undefined, text.slice(0, 300))
    const { edges, pageInfo } = json.data.notes
    seen.push(edges[0].node.tag)
    assert.equal(edges[0].cursor, pageInfo.endCursor)
    ;[after, more] = [pageInfo.endCursor, pageInfo.hasNextPage]
  }
  assert.deepEqual(seen, ['0', '1', '2', '3', '4'])
  // A cursor that REST never gives is refused.
  const long = Buffer.from(JSON.stringify(['word,id', 'x'.repeat(6_500), '01900000-0000-7000-8000-000000000001'])).toString('base64url')
  assert.equal((await page(`&page[after]=${long}`)).code, 'invalid_cursor')
})

function cursorOf(lasts: string, id: string): string {
  return Buffer.from(JSON.stringify(['lasts,id', lasts, id])).toString('base64url')
}
