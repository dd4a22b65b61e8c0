import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlanNode } from '../../postgres/explain.ts'
import { accessesOf, costsOf, dearestScan, growthOf, isSmall } from './judge.ts'

function node(step: string, more: Partial<PlanNode> = {}): PlanNode {
  return {
    step,
    relation: null,
    table: null,
    index: null,
    rows: 1,
    startupCost: 0,
    totalCost: 1,
    filter: null,
    join: null,
    inputs: [],
    ...more,
  }
}

const page = (filter: string | null, totalCost: number): PlanNode =>
  node('Limit', {
    totalCost: 3,
    inputs: [node('Index Scan', { table: 'posts', index: 'posts_pkey', totalCost, filter, relation: 'Outer' })],
  })

test('a page in the order of an index is flat, because it ends when it is full', () => {
  assert.equal(growthOf(costsOf(page(null, 15_000)), costsOf(page(null, 150_000))), 'flat')
})

test('a page whose rows must pass a condition depends on how many do', () => {
  assert.equal(growthOf(costsOf(page('published', 15_000)), costsOf(page('published', 150_000))), 'depends')
})

test('a page that is expected to read thousands of rows before it is full grows, whatever passes', () => {
  const dear = (full: number) => ({ ...page('(SubPlan 1)', full), totalCost: 5_000 })
  assert.equal(growthOf(costsOf(dear(15_000)), costsOf(dear(150_000))), 'grows')
})

test('a scan of the table grows, and the depth of an index does not', () => {
  const scan = (totalCost: number) => costsOf(node('Seq Scan', { table: 'posts', totalCost }))
  assert.equal(growthOf(scan(1_250), scan(12_500)), 'grows')
  assert.equal(growthOf(scan(820), scan(860)), 'flat')
})

test('what is cheap even at ten times the rows is flat, and need not be asked for', () => {
  const scan = (totalCost: number) => costsOf(node('Seq Scan', { table: 'countries', totalCost }))
  assert.equal(growthOf(scan(2), scan(20)), 'flat')
  assert.deepEqual([isSmall(scan(2)), isSmall(scan(50))], [true, false])
})

test('a condition inside a value that is computed for a row does not make the page stop early', () => {
  const author = node('Index Scan', { table: 'users', index: 'users_pkey', relation: 'SubPlan', filter: 'active', totalCost: 8 })
  const rows = node('Index Scan', { table: 'posts', index: 'posts_pkey', relation: 'Outer', totalCost: 15_000, inputs: [author] })
  assert.equal(costsOf(node('Limit', { totalCost: 3, inputs: [rows] })).worst, 11)
})

test('an index behind a bitmap counts as the index, a table without one as read as a whole, a write as no reading', () => {
  const bitmap = node('Bitmap Heap Scan', { table: 'posts', inputs: [node('Bitmap Index Scan', { index: 'posts_tags_gin' })] })
  const plan = node('ModifyTable', { table: 'users', inputs: [bitmap, node('Seq Scan', { table: 'users' })] })
  assert.deepEqual(accessesOf(plan), [
    { table: 'posts', index: 'posts_tags_gin' },
    { table: 'users', index: null },
  ])
})

test('the dearest scan is the one to mend, among the tables in question', () => {
  const plan = node('Nested Loop', {
    inputs: [node('Seq Scan', { table: 'posts', totalCost: 90 }), node('Seq Scan', { table: 'users', totalCost: 900 })],
  })
  assert.equal(dearestScan(plan, new Set(['posts']))?.table, 'posts')
  assert.equal(dearestScan(plan, new Set(['posts', 'users']))?.table, 'users')
  assert.equal(dearestScan(plan, new Set(['teams'])), null)
})
