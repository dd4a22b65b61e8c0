/** The limit of elements of a step: what clients are told, and that nothing is written. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const MODEL = modelFrom({
  name: 'many',
  entities: {
    Rack: {
      fields: { name: { type: 'text' } },
      access: OPEN,
      actions: {
        label: { as: 'system', allow: 'true', steps: [{ create: 'Label', set: { text: 'b.title' }, each: 'b in row.books' }] },
        read: {
          as: 'system',
          allow: 'true',
          input: { most: { type: 'integer' } },
          steps: [{ list: 'Book', where: 'rack == row', limit: 'input.most', as: 'found' }],
          answer: { titles: 'found.map(f, f.title)' },
        },
      },
    },
    Book: { fields: { title: { type: 'text' }, rack: { type: 'ref', entity: 'Rack', inverse: 'books' } }, access: OPEN },
    Label: { fields: { text: { type: 'text' } }, access: OPEN },
  },
})

test('an action with more than 1000 elements names the relation and the limit', async (t) => {
  const world = await testBackend(t, MODEL)
  const { json: rack } = await world.ask('POST', '/api/racks', { body: { name: 'a' } })
  const fill = (count: number) =>
    world.sql(`insert into books (title, rack_id) select 'b' || n, '${rack.id}' from generate_series(1, ${count}) n`)
  const labels = async () => (await world.sql('select count(*)::int as n from labels'))[0]?.n
  await fill(1000)
  assert.equal((await world.ask('POST', `/api/racks/${rack.id}/label`)).status, 200)
  assert.equal(await labels(), 1000)
  await fill(1)
  const rows = await world.ask('POST', `/api/racks/${rack.id}/label`)
  const message = (name: string, what: string) => `${name} handles at most 1000 ${what} at once, and here are more`
  assert.deepEqual([rows.status, rows.json.code], [400, 'validation_failed'])
  assert.deepEqual(rows.json.errors, [{ pointer: '', rule: 'maxItems', message: message('label', 'rows of books') }])
  const list = await world.ask('GET', `/api/racks/${rack.id}/read?most=5000`)
  assert.deepEqual([list.status, list.json.errors?.[0].message], [400, message('read', 'rows of Book')], list.text)
  assert.equal(await labels(), 1000, 'nothing is written')
})
