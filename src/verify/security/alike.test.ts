import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered } from '../expected/answered.ts'
import { differenceOf } from './alike.ts'

function answer(status: number, text: string, headers: Answered['headers'] = {}): Answered {
  return { status, headers, text, json: undefined }
}

test('ids in numbers are left out where they stand alone, and change neither a status nor another number', () => {
  const refused = (id: string): Answered =>
    answer(404, `{"status":404,"detail":"no row ${id}","limit":140}`, { 'cache-control': 'max-age=600' })
  for (const id of ['4', '404', '600', '0']) assert.equal(differenceOf(refused(id), refused('2147483647'), [[id, '2147483647']]), null, id)
  const shown = differenceOf(answer(404, '{"count":1}'), answer(404, '{"count":0}'), [['4', '9']])
  assert.equal(shown, 'answered 404 {"count":1}, and 404 {"count":0} otherwise')
  assert.notEqual(differenceOf(answer(404, 'x'), answer(403, 'x'), [['404', '403']]), null)
})

test('other texts are left out as they are and as they stand in addresses, and what else differs is found', () => {
  const said = (text: string): Answered => answer(404, `no "${text}" at /rows/${encodeURIComponent(text)}`, { date: text })
  assert.equal(differenceOf(said('a b'), said('c d'), [['a b', 'c d']]), null)
  assert.notEqual(differenceOf(said('a b'), said('c d'), []), null)
})
