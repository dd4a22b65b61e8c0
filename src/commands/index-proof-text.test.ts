import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IndexProof, ProvedOperation } from '../verify/indexes/proof.ts'
import { indexProofLines } from './index-proof-text.ts'
import { PLAIN } from './style.ts'

const flat: ProvedOperation = {
  entity: 'Post',
  operation: 'list',
  callers: ['anonymous'],
  reads: [{ table: 'posts', index: 'posts_pkey' }],
  cost: 2.25,
  costTenfold: null,
  growth: 'flat',
  growsWith: [],
  reason: null,
  remedy: null,
}

const growing: ProvedOperation = {
  ...flat,
  operation: 'list sort=status',
  reads: [{ table: 'posts', index: null }],
  cost: 12_503.2,
  costTenfold: 125_003.2,
  growth: 'grows',
  growsWith: ['Post'],
  reason: { kind: 'scans', table: 'posts', condition: '((SubPlan 1) = $1)' },
  remedy: { entity: 'Post', fields: ['status', '-createdAt'], cost: 2.3, growth: 'flat' },
}

function linesOf(operations: readonly ProvedOperation[], more: Partial<IndexProof> = {}): readonly string[] {
  const rows = [{ entity: 'Post', rows: 1_000_000, from: 'assumed' }] as const
  return indexProofLines({ kind: 'proved', server: '18.4', rows, operations, refused: [], left: [], ...more }, PLAIN)
}

test('the heading counts what grows, and the sizes say where they come from', () => {
  assert.deepEqual(linesOf([flat, growing]).slice(0, 2), [
    'Indexes: 2 statements, 1 grow with a table, 0 depend on the data',
    '  Post 1,000,000 (assumed); plans of PostgreSQL 18.4 for these sizes, costs in its unit',
  ])
})

test('what grows says with what, why, and which index mends it', () => {
  assert.match(
    linesOf([growing]).at(-1) ?? '',
    /list sort=status +everyone +all of posts +12503\.2 +GROWS with Post: reads every row of posts for \(\(…\) = \$1\); add \['status', '-createdAt'\] to the indexes of Post \(then flat, 2\.3\)$/,
  )
})

test('callers whose plans are alike share a line, and a list its next pages, at the price of the dearer', () => {
  const lines = linesOf([flat, { ...flat, operation: 'list, next page', cost: 3.5 }, { ...flat, callers: ['admin'], cost: 2 }])
  assert.deepEqual(lines.slice(3), ['    list  everyone  posts_pkey  3.5'])
})

test('what is refused is named once, and what there was no time for is said', () => {
  const refused = ['list filter[title]', 'list filter[title][gte] sort=title', 'list sort=title'].map((label) => ({
    entity: 'Post',
    label,
    detail: '',
  }))
  assert.deepEqual(linesOf([], { refused, left: ['Tag'] }).slice(3), [
    '    refused for want of an index: filter[title], filter[title][gte], sort=title',
    '  not proved for want of time: Tag',
  ])
})

test('without a PostgreSQL the plan says why there is no proof', () => {
  assert.deepEqual(indexProofLines({ kind: 'skipped', reason: 'no server' }, PLAIN), ['Indexes', '  not proved: no server'])
})
