import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formerColumns, formerTables } from './former-names.ts'

test('the table of a former entity has the derived name or the name of the entity', () => {
  assert.deepEqual(formerTables('OrderItem'), ['order_items', 'OrderItem'])
  assert.deepEqual(formerTables('AxisY'), ['axis_ys', 'AxisY'])
  assert.deepEqual(formerTables('people'), ['peoples', 'people'])
})

test('a former field may have been a reference or not', () => {
  assert.deepEqual(formerColumns('createdBy', 'reference'), ['created_by_id', 'created_by', 'createdBy'])
  assert.deepEqual(formerColumns('createdBy', 'plain'), ['created_by', 'createdBy'])
  assert.deepEqual(formerColumns('title', 'plain'), ['title'])
})
