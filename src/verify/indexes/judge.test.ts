import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlanNode } from '../../postgres/explain.ts'
import { costsOf, workOf } from './costs.ts'
import { accessesOf, dearestScan, growthOf, isSmall } from './judge.ts'

function node(step: string, more: Partial<PlanNode> = {}): PlanNode {
  return {
    step,
    relation: null,
    table: null,
    index: null,
    seeks: false,
    rows: 1,
    startupCost: 0,
    totalCost: 1,
    filter: null,
    join: null,
    inputs: [],
    ...more,
  }
}

/** How a statement grows with the posts, from its two plans. */
const growth = (target: PlanNode, larger: PlanNode) => growthOf(workOf(target, 'posts'), workOf(larger, 'posts'))

const page = (filter: string | null, totalCost: number): PlanNode =>
  node('Limit', {
    totalCost: 3,
    inputs: [node('Index Scan', { table: 'posts', index: 'posts_pkey', totalCost, filter, relation: 'Outer' })],
  })

test('a page in the order of an index is flat, because it ends when it is full', () => {
  assert.equal(growth(page(null, 15_000), page(null, 150_000)).growth, 'flat')
})

test('a page with a condition depends on how many rows satisfy the condition', () => {
  assert.equal(growth(page('published', 15_000), page('published', 150_000)).growth, 'depends')
})

test('a page that is expected to read thousands of rows before it is full grows', () => {
  const dear = (full: number) => ({ ...page('(SubPlan 1)', full), totalCost: 5_000 })
  assert.deepEqual(growth(dear(15_000), dear(150_000)), { growth: 'grows', by: 'page' })
})

test('a scan of the table grows, and the depth of an index does not', () => {
  const scan = (totalCost: number) => node('Seq Scan', { table: 'posts', totalCost })
  assert.deepEqual(growth(scan(1_250), scan(12_500)), { growth: 'grows', by: 'rows' })
  assert.equal(growth(scan(820), scan(860)).growth, 'flat')
})

test('a statement that is cheap even at ten times the rows is flat and small', () => {
  const scan = (totalCost: number) => node('Seq Scan', { table: 'countries', totalCost })
  assert.equal(growth(scan(2), scan(20)).growth, 'flat')
  assert.deepEqual([isSmall(costsOf(scan(2))), isSmall(costsOf(scan(50)))], [true, false])
})

test('a condition inside a value that is computed for a row does not make the page stop early', () => {
  const author = node('Index Scan', { table: 'users', index: 'users_pkey', relation: 'SubPlan', filter: 'active', totalCost: 8 })
  const rows = node('Index Scan', { table: 'posts', index: 'posts_pkey', relation: 'Outer', totalCost: 15_000, inputs: [author] })
  assert.equal(costsOf(node('Limit', { totalCost: 3, inputs: [rows] })).worst, 11)
})

test('a bitmap scan counts as its index, a sequential scan as no index, and a write as no access', () => {
  const bitmap = node('Bitmap Heap Scan', { table: 'posts', inputs: [node('Bitmap Index Scan', { index: 'posts_tags_gin' })] })
  const plan = node('ModifyTable', { table: 'users', inputs: [bitmap, node('Seq Scan', { table: 'users' })] })
  assert.deepEqual(accessesOf(plan), [
    { table: 'posts', index: 'posts_tags_gin' },
    { table: 'users', index: null },
  ])
})

test('the most expensive scan of the given tables is found', () => {
  const plan = node('Nested Loop', {
    inputs: [node('Seq Scan', { table: 'posts', totalCost: 90 }), node('Seq Scan', { table: 'users', totalCost: 900 })],
  })
  assert.equal(dearestScan(plan, new Set(['posts']))?.table, 'posts')
  assert.equal(dearestScan(plan, new Set(['posts', 'users']))?.table, 'users')
  assert.equal(dearestScan(plan, new Set(['teams'])), null)
})

/** A list of users with their posts: the page of users, and the look-up of the posts of one user. */
const including = (related: { readonly filter: string | null; readonly cost: number; readonly seeks?: boolean }, rows = 21): PlanNode =>
  node('Aggregate', {
    totalCost: 1 + rows * related.cost,
    inputs: [
      node('Limit', {
        rows,
        relation: 'Outer',
        totalCost: 1,
        inputs: [node('Index Scan', { table: 'users', relation: 'Outer', rows: 1e6 })],
      }),
      node('Limit', {
        relation: 'SubPlan',
        totalCost: related.cost,
        inputs: [node('Index Scan', { table: 'posts', relation: 'Outer', seeks: true, ...related, totalCost: related.cost })],
      }),
    ],
  })

test('included rows that an index finds do not grow, because only a fixed number of them is shown', () => {
  const at = (cost: number) => including({ filter: null, cost })
  assert.equal(growth(at(8), at(80)).growth, 'flat')
  assert.equal(growth(at(80), at(800)).growth, 'flat')
})

test('included rows with a condition depend on how many of them satisfy the condition', () => {
  const at = (cost: number) => including({ filter: '((SubPlan 1) = $1)', cost })
  assert.deepEqual(growth(at(16), at(90)), { growth: 'depends', by: 'page' })
})

test('included rows without an index that finds them grow', () => {
  const at = (cost: number) => including({ filter: '(author_id = t.id)', cost, seeks: false })
  assert.deepEqual(growth(at(150), at(1_500)), { growth: 'grows', by: 'rows' })
})

test('a page that is not full counts as full, so more rows on the page are no growth', () => {
  const at = (rows: number) => including({ filter: null, cost: 8, seeks: false }, rows)
  assert.equal(growth(at(1), at(21)).growth, 'flat')
})

test('a page with expensive output still depends on its condition, not on the size of the table', () => {
  const at = (totalCost: number) => ({ ...page('published', totalCost), relation: 'Outer' })
  const shown = (read: PlanNode) =>
    node('Aggregate', { totalCost: 4_000, inputs: [read, node('Index Scan', { table: 'users', relation: 'SubPlan', totalCost: 190 })] })
  assert.deepEqual(growth(shown(at(15_000)), shown(at(150_000))), { growth: 'depends', by: 'page' })
})

test('the cost of a scan is that of all its runs', () => {
  const plan = node('Nested Loop', {
    inputs: [
      node('Seq Scan', { table: 'posts', relation: 'Outer', rows: 1_000, totalCost: 90 }),
      node('Index Scan', { table: 'users', relation: 'Inner', totalCost: 8 }),
    ],
  })
  assert.equal(dearestScan(plan, new Set(['posts', 'users']))?.table, 'users')
})

test('included rows of a single row also depend on how many of them satisfy the condition', () => {
  const one = (cost: number) => {
    const [, posts] = including({ filter: '((SubPlan 1) = $1)', cost }).inputs
    return node('Index Scan', { table: 'users', seeks: true, totalCost: 8 + cost, inputs: posts === undefined ? [] : [posts] })
  }
  assert.deepEqual(growth(one(16), one(110)), { growth: 'depends', by: 'page' })
})

test('a growing cost to find the rows of a page is growth, also if their output costs more', () => {
  const list = (found: number) =>
    node('Aggregate', {
      totalCost: found + 21 * 20,
      inputs: [
        node('Limit', {
          rows: 21,
          relation: 'Outer',
          startupCost: found,
          totalCost: found,
          inputs: [node('Sort', { startupCost: found, totalCost: found })],
        }),
        node('Index Scan', { table: 'users', relation: 'SubPlan', totalCost: 20 }),
      ],
    })
  assert.deepEqual(growth(list(50), list(500)), { growth: 'grows', by: 'rows' })
})
