/**
 * Cases that only some designs lead to: lists of which one row is refused, changes that make a refused row an allowed one, and anonymous
 * callers with empty references.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { casesOf } from '../../../src/verify/cases/cases-of.ts'
import { load } from '../loaded.ts'
import { FAIR } from './fault.ts'

const { design, model } = await load(FAIR)
const { cases, world } = casesOf(design, model, 'x')

test('lists of new rows have an allowed row beside the refused one, in both orders', () => {
  const lists = ['first', 'second'].map((place) => {
    const found = cases.find(({ name }) => name === `access/Stand.create/locked/true/create-many-${place}`)
    assert.ok(found?.request.kind === 'create' && found.request.many)
    return found.request.rows.map(({ locked }) => locked)
  })
  assert.deepEqual(lists, [
    [true, false],
    [false, true],
  ])
})

test('a change of a row that may not be changed makes one of it that may', () => {
  const found = cases.filter(({ name }) => /^access\/Stand\.update\.from\/locked\/true\/(patch|graphql)$/.test(name))
  assert.deepEqual(
    found.map(({ request }) => request.kind === 'update' && request.body),
    [{ locked: false }, { locked: false }],
  )
})

test('an anonymous caller asks for a row whose reference is empty', () => {
  const found = cases.find(({ claim, door, goals }) => claim === 'access/Stand.read' && door === 'get' && goals.includes('missing-alike'))
  assert.ok(found?.request.kind === 'get' && found.user === null)
  const { id } = found.request
  const row = world.rows.get('Stand')?.find((one) => one.id === id)
  assert.deepEqual([row?.owner, row?.open], [null, false])
})
