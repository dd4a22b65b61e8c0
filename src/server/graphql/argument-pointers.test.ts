import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { fieldNamed } from '../../model/model.ts'
import { placeOfChanges, placeOfUpsert } from './argument-pointers.ts'

test('pointers lead to the argument that holds the value: input, update or increment', () => {
  const place = placeOfChanges('input', { hits: 1 })
  assert.deepEqual(['/hits/increment', '/hits', '/tags/0', ''].map(place), [
    '/increment/hits',
    '/increment/hits',
    '/input/tags/0',
    '/input',
  ])
})

test('a key value that an upsert takes from where has a pointer into where', () => {
  const { model } = resolveDesign(
    {
      name: 'd',
      entities: {
        Shop: {
          fields: { city: { type: 'text', optional: true }, name: { type: 'text' } },
          unique: [['city', 'name']],
          access: { read: 'true' },
        },
      },
    },
    NO_SOURCE,
  )
  const entity = model?.entities.find((one) => one.name === 'Shop')
  assert.ok(entity !== undefined)
  const key = ['city', 'name'].map((name) => ({ field: fieldNamed(entity, name), value: 'x' }))
  const args = { where: { city_name: { city: 'x', name: 'x' } }, create: { name: 'x' }, update: {} }
  const both = placeOfUpsert(args, key)
  assert.deepEqual(['/create/city', '/create/name', '/update/name', '/create'].map(both), [
    '/where/city_name/city',
    '/create/name',
    '/update/name',
    '/create',
  ])
  assert.equal(placeOfUpsert({ ...args, where: { city: 'x' } }, key.slice(0, 1))('/create/city'), '/where/city')
})
