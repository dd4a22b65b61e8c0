import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitBareQuery } from './bare-query.ts'

test('values are taken out of a query, the rest stays as it is spelled', () => {
  assert.deepEqual(splitBareQuery('filter[author]=a%20b+c&sort=-createdAt&filter%5Btags%5D%5Bin%5D=x,y%2Cz&page%5Bafter%5D=q&search=x+y'), {
    text: 'filter[author]=?&sort=-createdAt&filter%5Btags%5D%5Bin%5D=?&page%5Bafter%5D=?&search=?',
    values: {
      conditions: [
        { text: 'a b c', isFixed: false },
        { text: 'x,y,z', isFixed: false },
      ],
      after: 'q',
      search: 'x y',
    },
  })
  assert.deepEqual(splitBareQuery(''), { text: '', values: { conditions: [], after: null, search: null } })
  assert.equal(splitBareQuery('&&page[size]=2&')?.text, '&&page[size]=2&')
})

test('true and false stay in the bare query', () => {
  const { text, values } = splitBareQuery('filter[a]=true&filter[b][isNull]=false&filter[c]=TRUE&filter[d]=%74rue&filter[e]=') ?? {}
  assert.equal(text, 'filter[a]=true&filter[b][isNull]=false&filter[c]=?&filter[d]=?&filter[e]=?')
  assert.deepEqual(
    values?.conditions.map((one) => [one.text, one.isFixed]),
    [
      ['true', true],
      ['false', true],
      ['TRUE', false],
      ['true', false],
      ['', false],
    ],
  )
})

test('a value may contain an equals sign, a question mark and names', () => {
  assert.deepEqual(
    ['=', '?', 'filter[a]=x', '%26filter[b]=x', '__proto__'].map((value) => splitBareQuery(`filter[a]=${value}`)),
    ['=', '?', 'filter[a]=x', '&filter[b]=x', '__proto__'].map((text) => ({
      text: 'filter[a]=?',
      values: { conditions: [{ text, isFixed: false }], after: null, search: null },
    })),
  )
})

test('other spellings of a name stay in the bare query, with their values', () => {
  for (const query of [
    '%66ilter[a]=x',
    'filter%5ba%5d=x',
    'search%3D=x',
    'Search=x',
    'searches=x',
    'page[after=x',
    'page[size]=1',
    'filter=a',
  ])
    assert.deepEqual(splitBareQuery(query), { text: query, values: { conditions: [], after: null, search: null } })
})

test('an unusual query has no bare query', () => {
  const long = 'x'.repeat(1_001)
  for (const query of [
    ...['filter[a]', 'filter[a]&sort=b', 'filter[a&b=c]', 'filter[a]=%', 'filter[a]=%zz', 'search=%E0%A4', 'page[after]=%'],
    ...['filter[a]=%00', 'search=a%00', `filter[a]=${long}`, `search=${long}`, `page[after]=${long}`, `fields=${long}`],
  ])
    assert.equal(splitBareQuery(query), null, query)
})
