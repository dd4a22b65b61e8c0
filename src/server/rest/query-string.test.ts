import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/failure.ts'
import { REST_NAMES, readList, readSelection, splitQuery } from './query-string.ts'

const list = (query: string) => readList(splitQuery(query))

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return error.detail
    throw error
  }
  return 'accepted'
}

test('a list without parameters is the first page of all rows', () => {
  assert.deepEqual(list(''), {
    names: REST_NAMES,
    conditions: [],
    expressions: [],
    sort: [],
    size: 20,
    after: null,
    search: null,
    count: false,
    selection: { fields: null, include: new Map() },
  })
})

test('filters are read in both notations, with brackets encoded or not', () => {
  const { conditions, expressions } = list('filter[author.name]=A%20b+c&filter%5Bprice%5D%5Bgte%5D=3&filter=a%20%3D%3D%201')
  assert.deepEqual(conditions, [
    { parameter: 'filter[author.name]', path: ['author', 'name'], op: 'eq', value: 'A b c' },
    { parameter: 'filter[price][gte]', path: ['price'], op: 'gte', value: '3' },
  ])
  assert.deepEqual(expressions, ['a == 1'])
})

test('dots nest includes, and fields[path] names the rows', () => {
  const { include, fields } = readSelection(splitQuery('include=author,comments.author&fields=id,title&fields[comments.author]=name'))
  assert.deepEqual(fields, ['id', 'title'])
  assert.deepEqual([...include.keys()], ['author', 'comments'])
  assert.deepEqual(include.get('comments')?.include.get('author')?.fields, ['name'])
})

test('an invalid parameter of a list is refused with the allowed ones', () => {
  assert.equal(
    refusal(() => list('srot=id')),
    'unknown parameter "srot", did you mean sort?',
  )
  assert.match(
    refusal(() => list('limit=3')),
    /^unknown parameter "limit"; there are fields, include, filter/,
  )
  assert.match(
    refusal(() => readSelection(splitQuery('sort=id'))),
    /^unknown parameter "sort"/,
  )
  assert.match(
    refusal(() => list('filter[a][like]=x')),
    /no operator "like"/,
  )
  assert.match(
    refusal(() => list('filter[a][b][c]=x')),
    /write filter\[field\]=value/,
  )
  assert.match(
    refusal(() => list('fields[author]=name')),
    /add them to include/,
  )
})

test('limits are checked before names are looked up', () => {
  const refused = [
    Array.from({ length: 201 }, () => 'filter=a').join('&'),
    Array.from({ length: 101 }, () => 'filter=a').join('&'),
    `sort=${Array.from({ length: 9 }, (_, i) => `f${i}`).join(',')}`,
    `include=${Array.from({ length: 21 }, (_, i) => `f${i}`).join(',')}`,
    'include=a.b.c.d',
    'filter[a.b.c.d.e]=x',
    `filter[a]=${'x'.repeat(1001)}`,
    `search=${'x'.repeat(1001)}`,
    'search=a%00b',
    'page[size]=0',
    'page[size]=101',
    'page[size]=1&page[size]=2',
    'sort=a,a',
    'sort=,a',
    'count=yes',
    'filter[a]=%zz',
    'include=a..b',
  ]
  for (const query of refused)
    assert.notEqual(
      refusal(() => list(query)),
      'accepted',
      query.slice(0, 60),
    )
})
