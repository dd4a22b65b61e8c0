/** Values of earlier answers in the filters of a transaction stay values, with any characters. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const DESIGN = {
  name: 'notes',
  entities: {
    Note: {
      fields: {
        title: { type: 'text', max: 200 },
        number: { type: 'integer', default: 7 },
        price: { type: 'decimal', precision: 30, scale: 20, default: '0.12345678901234567891' },
      },
      indexes: [['title'], ['number'], ['price']],
      access: OPEN,
    },
  },
}

/** Texts that would change an expression, a list or a URL if they were read as part of it. */
const TEXTS = [
  'plain',
  '" || true || "',
  "' || true || '",
  '"',
  "'",
  '\\',
  '\\"',
  '\n',
  '"""',
  'a,b',
  'a&filter=true',
  '${first.title}',
  'ref0_0_',
  'ref0_1_ ref0_0_',
  '$&',
  '%22',
  '// comment',
  'title',
]

const FILTERS = (title: string): readonly string[] => [
  `filter=title == "${title}"`,
  `filter=title == '${title}'`,
  `filter=title == """${title}"""`,
  `filter=title == r"${title}"`,
  `filter=title == ${title}`,
  `filter=title in [${title}]`,
  `filter=title == "ref0_0_" || title == "${title}" %26%26 number == \${first.number}`,
  `filter[title]=${title}`,
  `filter[title][in]=${title}`,
  `filter%5Btitle%5D=${title}`,
]

test('a filter finds exactly the row whose text it refers to', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(DESIGN))
  await ask('POST', '/api/notes', { body: { title: 'another' } })
  for (const text of TEXTS) {
    for (const filter of FILTERS('${first.title}')) {
      const operations = [
        { method: 'POST', path: '/api/notes', name: 'first', body: { title: text } },
        { method: 'GET', path: `/api/notes?fields=title&${filter}` },
      ]
      const { status, json } = await ask('POST', '/api/transaction', { body: { operations } })
      assert.equal(status, 200, `${filter} with ${text}: ${JSON.stringify(json)}`)
      assert.deepEqual(json.results[1].body.data, [{ title: text }], `${filter} with ${text}`)
      await sql("delete from notes where title <> 'another'")
    }
  }
})

test('numbers are bound with all their digits, and a text is not read as a number', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  const withFilter = (filter: string) => {
    const operations = [
      { method: 'POST', path: '/api/notes', name: 'first', body: { title: 'a' } },
      { method: 'GET', path: `/api/notes?fields=number&${filter}` },
    ]
    return ask('POST', '/api/transaction', { body: { operations } })
  }
  for (const filter of ['filter=number == ${first.number}', 'filter=number < ${first.number} %2B 1', 'filter[number]=${first.number}']) {
    const { status, json } = await withFilter(filter)
    assert.deepEqual([status, json.results?.[1].body.data[0]], [200, { number: 7 }], filter)
  }
  assert.equal((await withFilter('filter[price]=${first.price}')).json.results[1].body.data.length, 4)
  assert.equal((await withFilter('filter=number == ${first.title}')).status, 400)
})
