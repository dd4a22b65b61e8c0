import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitStatements } from './split-statements.ts'

test('a statement ends at a semicolon, also in the middle of a line', () => {
  assert.deepEqual(splitStatements('select 1; select 2 ;\nselect'), { statements: ['select 1', 'select 2'], rest: '\nselect' })
})

test('a semicolon in quotes, dollar quotes and comments ends nothing', () => {
  for (const text of [
    "select ';''; '",
    'select 1 as ";"";"',
    'do $$ begin; end $$',
    'do $a$ $$; $a$',
    'select 1 -- ;\n',
    'select /* ; */ 1',
  ])
    assert.deepEqual(splitStatements(`${text};`), { statements: [text.trim()], rest: '' }, text)
})

test('the text after an open quote is part of the rest', () => {
  for (const text of ["select ';", 'select ";', 'do $$ ;', 'select /* ;'])
    assert.deepEqual(splitStatements(text), { statements: [], rest: text })
})

test('empty statements are dropped', () => {
  assert.deepEqual(splitStatements(' ;; '), { statements: [], rest: ' ' })
})
