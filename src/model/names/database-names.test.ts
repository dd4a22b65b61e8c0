import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnNameFor, plural, snakeCase, tableNameFor } from './database-names.ts'

test('names become snake_case', () => {
  const names = {
    OrderItem: 'order_item',
    userID: 'user_id',
    HTTPServer: 'http_server',
    line2Text: 'line2_text',
    title: 'title',
    aB: 'a_b',
    X: 'x',
  }
  for (const [name, snake] of Object.entries(names)) {
    assert.equal(snakeCase(name), snake)
  }
})

test('the plural follows three rules and nothing else', () => {
  const words = {
    user: 'users',
    category: 'categories',
    day: 'days',
    address: 'addresses',
    box: 'boxes',
    church: 'churches',
    dish: 'dishes',
    person: 'persons',
  }
  for (const [word, many] of Object.entries(words)) assert.equal(plural(word), many)
})

test('only the last word of a table is in the plural, and a reference ends in _id', () => {
  const tables = { OrderItem: 'order_items', Category: 'categories', LastDay: 'last_days', AxisY: 'axis_ys' }
  for (const [entity, table] of Object.entries(tables)) assert.equal(tableNameFor(entity), table)
  assert.equal(columnNameFor('createdBy', 'plain'), 'created_by')
  assert.equal(columnNameFor('createdBy', 'reference'), 'created_by_id')
})
