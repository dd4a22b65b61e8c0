import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVERYTHING, type Selection } from './intent.ts'
import { selectionKey } from './plan-output.ts'

test('no name that a request makes up is taken for another selection', () => {
  const author = new Map([['author', EVERYTHING]])
  const selections: readonly Selection[] = [
    { fields: null, include: new Map() },
    { fields: ['*'], include: new Map() },
    { fields: null, include: author },
    { fields: ['*'], include: author },
    { fields: ['title', 'text'], include: new Map() },
    { fields: ['title,text'], include: new Map() },
    { fields: ['title;author()'], include: new Map() },
    { fields: ['title'], include: author },
    { fields: ['title"]'], include: author },
    { fields: null, include: new Map([['author(),posts', EVERYTHING]]) },
    { fields: null, include: new Map([...author, ['posts', EVERYTHING]]) },
  ]
  assert.equal(new Set(selections.map(selectionKey)).size, selections.length)
})
