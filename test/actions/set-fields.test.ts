/** Fields that the server sets from the row that a step writes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'desk',
  entities: {
    Ticket: {
      fields: {
        title: { type: 'text', max: 100 },
        votes: { type: 'integer', default: 2 },
        state: { type: 'choice', values: ['open', 'closed'], default: 'open' },
        label: { type: 'text', max: 200, optional: true, set: 'title + "!"' },
        double: { type: 'integer', optional: true, set: 'votes * 2', on: 'write' },
        isClosed: { type: 'boolean', optional: true, set: 'state == "closed"', on: 'write' },
      },
      access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
      unique: [['title']],
      actions: {
        vote: { as: 'system', allow: 'true', steps: [{ update: 'row', set: { votes: 'votes + 1' } }] },
        count: {
          as: 'system',
          allow: 'true',
          steps: [
            { create: 'Point', each: 'n in input.weights', set: { ticket: 'row', weight: 'n' } },
            { update: 'p.ticket', each: 'p in row.points', set: { votes: 'votes + p.weight' } },
          ],
          input: { weights: { type: 'list', of: { type: 'integer' } } },
          answer: { votes: 'row.votes', double: 'row.double' },
        },
      },
    },
    Point: {
      fields: { ticket: { type: 'ref', entity: 'Ticket', inverse: 'points' }, weight: { type: 'integer' } },
      access: {},
    },
  },
  actions: {
    again: {
      as: 'system',
      allow: 'true',
      input: { title: 'Ticket.title', more: { type: 'integer' } },
      steps: [{ ensure: 'Ticket', set: { title: 'input.title' }, existing: { votes: 'votes + input.more' }, as: 'ticket' }],
      answer: { votes: 'ticket.votes', double: 'ticket.double' },
    },
    file: {
      as: 'system',
      allow: 'true',
      input: { title: 'Ticket.title' },
      steps: [{ create: 'Ticket', set: 'input', as: 'ticket' }],
      answer: { id: 'ticket.id', label: 'ticket.label', double: 'ticket.double' },
    },
  },
  workflows: {
    ticket: { entity: 'Ticket', field: 'state', transitions: { close: { from: 'open', to: 'closed', as: 'system', allow: 'true' } } },
  },
})

test('a field that the server sets from other fields sees the row as the step writes it', async (t) => {
  const { ask } = await testBackend(t, MODEL)
  const filed = await ask('POST', '/api/actions/file', { body: { title: 'lamp' } })
  assert.deepEqual([filed.status, filed.json.label, filed.json.double], [200, 'lamp!', 4], filed.text)
  const voted = await ask('POST', `/api/tickets/${filed.json.id}/vote`)
  assert.deepEqual([voted.status, voted.json.votes, voted.json.double, voted.json.label], [200, 3, 6, 'lamp!'], voted.text)
  const closed = await ask('POST', `/api/tickets/${filed.json.id}/close`)
  assert.deepEqual([closed.status, closed.json.isClosed, closed.json.double], [200, true, 6], closed.text)
})

test('random letters are new in each row, and part of an address', async (t) => {
  const model = modelFrom({
    name: 'articles',
    entities: {
      Article: {
        fields: {
          title: { type: 'text', max: 100 },
          slug: { type: 'text', max: 120, unique: true, set: 'slugify(title) + "-" + random(6)' },
          code: { type: 'text', default: { expression: 'random(24)' } },
          note: { type: 'text', optional: true },
        },
        access: { read: 'true', create: 'true', update: 'true' },
      },
    },
    actions: {
      write: {
        as: 'system',
        allow: 'true',
        input: { titles: { type: 'list', of: { type: 'text', max: 100 } } },
        steps: [
          { create: 'Article', each: 't in input.titles', set: { title: 't', note: 'random(10)' }, as: 'articles' },
          { update: 'Article', where: 'note != null', set: { note: 'replace(random(12), "a", "b")' } },
        ],
        answer: { each: 'a in articles', is: { slug: 'a.slug', code: 'a.code', note: 'a.note' } },
      },
    },
  })
  const { ask } = await testBackend(t, model)
  const titles = Array.from({ length: 40 }, () => 'Größe & Öl, 2. Teil!')
  const { json, text } = await ask('POST', '/api/actions/write', { body: { titles } })
  assert.equal(json.length, 40, text)
  for (const { slug, code, note } of json) {
    assert.match(slug, /^gro-e-ol-2-teil-[a-z0-9]{6}$/)
    assert.match(code, /^[a-z0-9]{24}$/)
    assert.match(note, /^[b-z0-9]{12}$/)
  }
  for (const key of ['slug', 'code', 'note']) assert.equal(new Set(json.map((one: Record<string, string>) => one[key])).size, 40, key)
  const made = await ask('POST', '/api/articles', { body: { title: 'Zoë' } })
  assert.match(made.json.slug, /^zoe-[a-z0-9]{6}$/, made.text)
  const bulk = await ask('POST', '/api/articles/bulk', { body: [{ title: 'a' }, { title: 'a' }] })
  assert.equal(bulk.status, 201, bulk.text)
  const changed = await ask('PATCH', `/api/articles/${made.json.id}`, { body: { title: 'other' } })
  assert.equal(changed.json.slug, made.json.slug)
})

test('such a field sees what all elements of a step have added, and what an ensure changes', async (t) => {
  const { ask } = await testBackend(t, MODEL)
  const filed = await ask('POST', '/api/actions/file', { body: { title: 'lamp' } })
  const counted = await ask('POST', `/api/tickets/${filed.json.id}/count`, { body: { weights: [1, 5, -2] } })
  assert.deepEqual([counted.status, counted.json], [200, { votes: 6, double: 12 }], counted.text)
  const again = () => ask('POST', '/api/actions/again', { body: { title: 'door', more: 4 } })
  assert.deepEqual((await again()).json, { votes: 2, double: 4 })
  assert.deepEqual((await again()).json, { votes: 6, double: 12 })
})
