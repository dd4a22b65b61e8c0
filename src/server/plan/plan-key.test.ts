import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALWAYS, NEVER } from '../../model/expression.ts'
import { EVERYTHING, type Selection } from './intent.ts'
import { type PlanTraits, planKey, recipeKey, rowsKey, unlessTakenKey } from './plan-key.ts'

const AUTHOR = new Map([['author', EVERYTHING]])

/** Keys contain the names of a request before the names are looked up, so they may contain any text. */
const SELECTIONS: readonly Selection[] = [
  EVERYTHING,
  { fields: [], include: new Map() },
  { fields: ['*'], include: new Map() },
  { fields: null, include: AUTHOR },
  { fields: ['*'], include: AUTHOR },
  { fields: ['title'], include: AUTHOR },
  { fields: ['title', 'author'], include: new Map() },
  { fields: ['title', 'text'], include: new Map() },
  { fields: ['title,text'], include: new Map() },
  { fields: ['title;author()'], include: new Map() },
  { fields: ['title"]'], include: AUTHOR },
  { fields: ['5:title4:text'], include: new Map() },
  { fields: ['title][6:author-'], include: new Map() },
  { fields: null, include: new Map([['author(),posts', EVERYTHING]]) },
  { fields: null, include: new Map([...AUTHOR, ['posts', EVERYTHING]]) },
  { fields: null, include: new Map([['author', { fields: null, include: new Map([['posts', EVERYTHING]]) }]]) },
]

function traits(): readonly PlanTraits[] {
  const ofSelection = SELECTIONS.flatMap((selection): PlanTraits[] => [
    { kind: 'get', together: false, selection },
    { kind: 'get', together: true, selection },
    { kind: 'create', many: true, returning: 'row', selection },
    { kind: 'create', many: false, returning: 'row', selection },
    { kind: 'create', many: false, returning: 'later', selection },
    { kind: 'update', changes: [], returning: 'row', selection },
    { kind: 'update', changes: [{ name: 'title', change: 'set' }], returning: 'row', selection },
    { kind: 'update', changes: [{ name: 'title', change: 'add' }], returning: 'row', selection },
    { kind: 'update', changes: [{ name: 'title', change: 'set' }], returning: 'nothing', selection },
    ...['', ' ', '1', 'true'].flatMap((rows): PlanTraits[] => [
      { kind: 'list', size: 1, count: true, rows, selection },
      { kind: 'list', size: 1, count: false, rows, selection },
      { kind: 'list', size: 11, count: true, rows, selection },
    ]),
  ])
  return [...ofSelection, { kind: 'create-children', via: 'post' }, { kind: 'create-children', via: 'post true' }, { kind: 'delete' }]
}

test('different plans have different keys, for any names in the design and the request', () => {
  const keys: string[] = []
  for (const entity of ['Post', 'Post +', 'Post +-', '', '4:Post']) {
    for (const key of ['', '+', '+-', '-']) {
      for (const one of traits()) keys.push(planKey({ variant: { key }, entity: { entity: { name: entity } } }, one))
    }
  }
  const all = [...keys, ...keys.map(unlessTakenKey)]
  assert.equal(new Set(all).size, all.length)
})

test('equal traits have one key', () => {
  const owner = { variant: { key: '+' }, entity: { entity: { name: 'Post' } } }
  assert.deepEqual(
    traits().map((one) => planKey(owner, one)),
    traits().map((one) => planKey(owner, one)),
  )
})

test('the shape given by GraphQL differs from every selection of REST', () => {
  const owner = { variant: { key: '+' }, entity: { entity: { name: 'Post' } } }
  const output = { entity: {} as never, fields: [], includes: [] }
  const selections = ['', '-', '[--]', 'row'].map((key): Selection => ({ ...EVERYTHING, shaped: { key, output, values: {} } }))
  const keys = [...SELECTIONS, ...selections].map((selection) => planKey(owner, { kind: 'get', together: false, selection }))
  assert.equal(new Set(keys).size, keys.length)
})

test('pages differ by filter, order, cursor and search', () => {
  const by = (name: string, descending = false) => ({ name, descending, term: { kind: 'null' } as never, nullable: false })
  const base = { filter: ALWAYS, order: [by('a'), by('b')], after: null, searched: false }
  const keys = [
    base,
    { ...base, filter: NEVER },
    { ...base, order: [by('a,b')] },
    { ...base, order: [by('a'), by('b', true)] },
    { ...base, order: [by('a'), by('-b')] },
    { ...base, order: [by('b'), by('a')] },
    { ...base, after: [] },
    { ...base, after: [true, false] },
    { ...base, after: [false, true] },
    { ...base, searched: true },
  ].map(rowsKey)
  assert.equal(new Set(keys).size, keys.length)
})

test('recipes differ by the kind of caller, the entity and the bare query', () => {
  const parts = ['', '+', 'Post', '1:', '4:Post', 'Post1:+', '1:+4:Post', '?']
  const keys = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => recipeKey(a, b, c))))
  assert.equal(new Set(keys).size, parts.length ** 3)
})
