import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asEntityName, asMemberName, ENTITY_NAME, kebabCase, MEMBER_NAME, plural, snakeCase } from './names.ts'

test('names become snake_case and kebab-case', () => {
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
    assert.equal(kebabCase(name), snake.replaceAll('_', '-'))
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

test('what is suggested for a refused name is a name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.match(asMemberName(name), MEMBER_NAME)
      assert.match(asEntityName(name), ENTITY_NAME)
    }),
  )
})
