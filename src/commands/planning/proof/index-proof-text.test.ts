import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IndexProof, ProvedOperation } from '../../../verify/indexes/proof.ts'
import { PLAIN } from '../../terminal/style.ts'
import { indexProofLines } from './index-proof-text.ts'

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
  either: null,
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
  remedy: {
    entity: 'Post',
    fields: ['status', '-createdAt'],
    advice: "add ['status', '-createdAt'] to the indexes of Post",
    cost: 2.3,
    growth: 'flat',
  },
}

function linesOf(operations: readonly ProvedOperation[], more: Partial<IndexProof> = {}): readonly string[] {
  const rows = [{ entity: 'Post', rows: 1_000_000, from: 'assumed' }] as const
  const callers = { asked: ['anonymous', 'user', 'admin'], left: [], unseen: 0, without: [] }
  return indexProofLines({ kind: 'proved', server: '18.4', rows, callers, operations, refused: [], left: [], ...more }, PLAIN)
}

test('the heading counts statements that grow, and shows where the sizes come from', () => {
  assert.deepEqual(linesOf([flat, growing]).slice(0, 2), [
    'Indexes: 2 statements, 1 grow with a table, 0 depend on the data',
    '  Post 1,000,000 (assumed); plans of PostgreSQL 18.4 for these sizes, costs in its unit',
  ])
})

test('a statement that grows names the table, the reason and the index to add', () => {
  assert.match(
    linesOf([growing]).at(-1) ?? '',
    /list sort=status +anonymous +all of posts +12503\.2 +GROWS with Post: reads every row of posts for \(\(…\) = \$1\); add \['status', '-createdAt'\] to the indexes of Post \(then flat, 2\.3\)$/,
  )
})

test('callers with equal plans share a line, and a list and its next pages show the higher cost', () => {
  const lines = linesOf([flat, { ...flat, operation: 'list, next page', cost: 3.5 }, { ...flat, callers: ['admin'], cost: 2 }])
  assert.deepEqual(lines.slice(3), ['    list  anonymous, admin  posts_pkey  3.5'])
})

test('callers are named (the first few of many), unless the line holds for all callers or all signed-in callers', () => {
  const line = (callers: readonly string[]) => linesOf([{ ...flat, callers }])[3]
  assert.equal(line(['anonymous', 'user', 'admin']), '    list  any caller  posts_pkey  2.3')
  assert.equal(line(['user', 'admin']), '    list  any signed-in caller  posts_pkey  2.3')
  assert.equal(line(['admin']), '    list  admin  posts_pkey  2.3')
  const callers = Array.from({ length: 9 }, (_, i) => `level=${i}`)
  const asked = [...callers, 'level=9', 'anonymous']
  const many = linesOf([{ ...flat, callers }], { callers: { asked, left: [], unseen: 0, without: [] } })
  assert.equal(many.at(-1), '    list  level=0, level=1, level=2, level=3 and 5 more  posts_pkey  2.3')
})

test('kinds of caller without a proof are counted, and the first of them named', () => {
  const left = Array.from({ length: 12 }, (_, i) => `k${i + 1}`)
  const callers = { asked: ['anonymous', 'user'], left, unseen: 144, without: ['level=9'] }
  assert.deepEqual(linesOf([flat], { callers }).slice(2, 4), [
    '  not proved for 12 kinds of caller: k1, k2, k3, k4, k5, k6, k7, k8, k9, k10 and 2 more',
    '  not covered: 144 combinations of claims, among them all with level=9',
  ])
})

test('an "or" that no index serves shows a remedy when it tests several rows', () => {
  const said = (either: readonly string[]) => linesOf([{ ...growing, remedy: null, either }]).at(-1) ?? ''
  assert.match(said(['Post']), /; no index holds an order and serves an "or"$/)
  assert.match(said(['Post', 'project']), /; no index serves an "or" about Post and project: keep what it asks on one row$/)
})

test('a design without entities has nothing to prove', () => {
  assert.deepEqual(linesOf([], { rows: [] }), ['Indexes', '  nothing to prove: the design has no entities'])
})

test('a page that reads far too many rows before it is full is reported', () => {
  const page = { ...growing, reason: { kind: 'passes', table: 'posts', condition: 'open' } as const, remedy: null }
  assert.match(linesOf([page]).at(-1) ?? '', /GROWS with Post: reads far too much of posts until enough rows pass open$/)
})

test('refused lists are named once, with the callers if others are served; entities without time for a proof are named', () => {
  const refusal = (label: string, callers: readonly string[] = ['anonymous', 'user', 'admin'], servedToOthers = false) => ({
    entity: 'Post',
    label,
    callers,
    servedToOthers,
    detail: '',
  })
  const refused = [
    refusal('list filter[title]'),
    refusal('list filter[title][gte] sort=title'),
    refusal('list sort=email', ['anonymous', 'user'], true),
  ]
  assert.deepEqual(linesOf([], { refused, left: ['Tag'] }).slice(3), [
    '    refused, because no index serves them: filter[title], filter[title][gte] sort=title, sort=email (for anonymous, user)',
    '  not proved, because time ran out: Tag',
  ])
})

test('without a PostgreSQL server the plan says why there is no proof', () => {
  assert.deepEqual(indexProofLines({ kind: 'skipped', reason: 'no server' }, PLAIN), ['Indexes', '  not proved: no server'])
})
