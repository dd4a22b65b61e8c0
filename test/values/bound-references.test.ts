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

test('a value that answers write as a text is bound as what it is', async (t) => {
  const all = {
    price: { type: 'decimal', precision: 30, scale: 20, default: '0.12345678901234567891' },
    at: { type: 'timestamp', default: '2024-01-31T09:30:00.125Z' },
    long: { type: 'duration', default: 'P1DT2H0.5S' },
    day: { type: 'date', default: '2024-01-31' },
    time: { type: 'time', default: '09:30' },
    key: { type: 'uuid', default: '0190f6e0-1c2a-7000-8000-00000000abcd' },
    state: { type: 'choice', values: ['open', 'done'], default: 'open' },
    web: { type: 'url', default: 'https://a.example/?q=1&r=2' },
    mail: { type: 'email', default: 'a@b.example' },
    flag: { type: 'text', default: 'x' },
  }
  const Thing = { fields: all, indexes: Object.keys(all).map((name) => [name]), access: OPEN }
  const { ask } = await testBackend(t, modelFrom({ name: 'things', entities: { Thing } }))
  const find = (filter: string, body: object = {}) => {
    const operations = [
      { method: 'POST', path: '/api/things', name: 'first', body },
      { method: 'GET', path: `/api/things?fields=flag&${filter}` },
    ]
    return ask('POST', '/api/transaction', { body: { operations } })
  }
  for (const name of Object.keys(all)) {
    for (const filter of [
      `filter=${name} == \${first.${name}}`,
      `filter=${name} in [\${first.${name}}]`,
      `filter[${name}]=\${first.${name}}`,
    ]) {
      const { status, json } = await find(filter)
      assert.deepEqual([status, json.results?.[1].body.data[0]], [200, { flag: 'x' }], `${filter}: ${JSON.stringify(json)}`)
    }
  }
  const none = await find('filter=price > ${first.price} || long > ${first.long} || at < ${first.at}')
  assert.deepEqual([none.status, none.json.results?.[1].body.data], [200, []])
  for (const flag of ['1e5', '0x1', '', '1 ', 'NaN', '1.', 'P1M', 'P', 'PT', '2024-01-31', 'now()', "1' or true"])
    for (const name of ['price', 'long', 'at'])
      assert.equal((await find(`filter=${name} == \${first.flag}`, { flag })).status, 400, `${name} and ${flag}`)
})

test('a list whose filter has a bound value has no link, because its words mean nothing in another request', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  await ask('POST', '/api/notes', { body: [{ title: 'a' }, { title: 'a' }, { title: 'a' }] })
  const list = async (query: string) => {
    const operations = [
      { method: 'POST', path: '/api/notes', name: 'first', body: { title: 'a' } },
      { method: 'GET', path: `/api/notes?fields=title&page[size]=1&${query}` },
    ]
    return (await ask('POST', '/api/transaction', { body: { operations } })).json.results[1]
  }
  for (const filter of ['filter[title]=${first.title}', 'filter=title == "${first.title}"', 'filter[title][in]=${first.title},b']) {
    const { headers, body } = await list(filter)
    assert.deepEqual([headers, body.data, typeof body.page.next], [undefined, [{ title: 'a' }], 'string'], filter)
    const rest = await ask('GET', `/api/notes?fields=title&page[size]=100&filter[title]=a&page[after]=${body.page.next}`)
    assert.ok(rest.json.data.length >= 3)
  }
  const { headers } = await list('filter[title]=a')
  assert.match(headers.link, /^<\/api\/notes\?fields=title&page\[size\]=1&filter\[title\]=a&page%5Bafter%5D=[^>]+>; rel="next"$/)
})
