import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { callersOf } from './callers.ts'
import { candidatesFor, spelledIndex } from './candidates.ts'
import { referenceChecks } from './foreign-keys.ts'
import { operationsOf } from './operations.ts'
import { columnStatistics, targetRows } from './statistics.ts'

const text = { type: 'text', max: 100 }

const model = modelFrom({
  name: 'teams',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id', delete: 'auth.role == "admin"' },
    },
    Note: {
      fields: {
        title: text,
        open: { type: 'boolean', default: true },
        owner: { type: 'ref', entity: 'User', inverse: 'notes', onDelete: 'cascade' },
      },
      access: { create: 'auth.id != null', read: 'open', update: 'owner.id == auth.id', delete: 'false' },
      indexes: [['title', '-createdAt']],
    },
    Line: {
      fields: { note: { type: 'ref', entity: 'Note', inverse: 'lines', onDelete: 'restrict' }, words: text },
      access: { create: 'auth.id != null', read: 'true', update: 'false', delete: 'false' },
    },
  },
  targets: { rows: { Note: 5_000 } },
})

function modelFrom(design: unknown): Model {
  const { model: resolved, diagnostics } = resolveDesign(design, NO_SOURCE)
  assert.ok(resolved !== null, JSON.stringify(diagnostics))
  return resolved
}

describe('operations', () => {
  const note = operationsOf(model)(entityNamed(model, 'Note'))
  const labels = [...new Set(note.operations.map((operation) => operation.label))]

  test('each operation of an entity appears once: the row, the list, filters, sorts, includes, writes', () => {
    for (const label of [
      'get',
      'list',
      'list count=true',
      'list filter[owner]',
      'list filter[title] sort=-createdAt',
      'list include=owner',
    ])
      assert.ok(labels.includes(label), label)
    for (const label of ['list, next page', 'list include=lines', 'get include=lines', 'create', 'update'])
      assert.ok(labels.includes(label), label)
  })

  test('a statement that several kinds of caller share appears once, with their names', () => {
    assert.deepEqual(
      note.operations.filter(({ label }) => label === 'list').map(({ callers }) => callers),
      [['anonymous', 'user', 'admin']],
    )
  })

  test('an operation that no caller may do has no statement', () => {
    assert.ok(!labels.includes('delete'))
  })

  test('requests without an index are listed as refused, and not among the operations', () => {
    const refused = note.refused.map(({ label }) => label)
    assert.ok(refused.includes('list sort=open') && refused.includes('list filter[open]'), refused.join())
    assert.ok(note.refused.every(({ servedToOthers, label }) => !servedToOthers && !labels.includes(label)))
    assert.match(note.refused.find(({ label }) => label === 'list filter[open]')?.detail ?? '', /add \['open'\] to the indexes of Note/)
  })

  test('no statement holds a value of a request', () => {
    for (const { text: statement } of note.operations) assert.doesNotMatch(statement, /sample|0191f3c0/i)
  })
})

test('callers whom every rule treats alike are one kind', () => {
  assert.deepEqual(
    callersOf(model).kinds.map(({ labels }) => labels),
    [['anonymous'], ['user'], ['admin']],
  )
})

test('each combination of claims with few values is a kind of its own, if a rule tells these accounts apart', () => {
  const claims = modelFrom({
    name: 'claims',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', claims: ['vip', 'level', 'name'] },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          name: text,
          vip: { type: 'boolean', default: false },
          level: { type: 'choice', values: ['a', 'b'], default: 'a' },
        },
        access: { create: 'true', read: 'auth.vip && auth.level == "a" && auth.name == name', update: 'false', delete: 'false' },
      },
    },
  })
  assert.deepEqual(
    callersOf(claims).kinds.map(({ labels }) => labels),
    [['anonymous'], ['vip=true level=a'], ['vip=true level=b'], ['vip=false level=a'], ['vip=false level=b']],
  )
})

test('if claims have too many combinations, the callers that are left out are named', () => {
  const values = (letter: string, n: number) => Array.from({ length: n }, (_, i) => `${letter}${i + 1}`)
  const claims = modelFrom({
    name: 'claims',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', claims: ['grade', 'level'] },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          grade: { type: 'choice', values: values('g', 20), default: 'g1' },
          level: { type: 'choice', values: values('l', 20), default: 'l1' },
        },
        access: {
          create: 'true',
          read: 'grade == auth.grade && auth.level in ["l1", "l2"]',
          update: 'auth.grade == "g2"',
          delete: 'false',
        },
      },
    },
  })
  const { kinds, left, unseen, without } = callersOf(claims)
  assert.deepEqual(
    [unseen, without],
    [
      400 - 256,
      values('g', 20)
        .slice(13)
        .map((value) => `grade=${value}`),
    ],
  )
  assert.equal(kinds.flatMap(({ labels }) => labels).length + left.length, 256 + 1)
  assert.ok(kinds.length <= 32)
})

test('if only some callers may use an order, the refusal names the other callers', () => {
  const hidden = modelFrom({
    name: 'hidden',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true, read: 'id == auth.id || auth.role == "admin"' },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        },
        access: { create: 'true', read: 'true', update: 'false', delete: 'false' },
      },
    },
  })
  const { operations, refused } = operationsOf(hidden)(entityNamed(hidden, 'User'))
  const sort = 'list sort=email'
  assert.deepEqual([...new Set(operations.filter(({ label }) => label === sort).flatMap(({ callers }) => callers))], ['admin'])
  assert.deepEqual(
    refused.filter(({ label }) => label === sort).map(({ callers, servedToOthers }) => [callers, servedToOthers]),
    [[['user'], true]],
  )
})

test('a rule on a field suggests an index on it that also holds the order', () => {
  const { operations } = operationsOf(model)(entityNamed(model, 'Note'))
  const sorted = operations.find(({ label }) => label === 'list sort=createdAt')
  assert.ok(sorted !== undefined)
  assert.deepEqual(candidatesFor(model, sorted.plan).map(spelledIndex), [['open', 'createdAt']])
})

test('rows that refer to a deleted row are looked up for every possible deletion, also by a cascade', () => {
  assert.deepEqual(
    referenceChecks(model).map(({ deleted, entity, field, text: statement }) => [deleted.name, entity.name, field.name, statement]),
    [
      ['User', 'Note', 'owner', 'delete from only "notes" where $1::uuid = "owner_id"'],
      ['Note', 'Line', 'note', 'select 1 from only "lines" x where $1::uuid = "note_id" for key share of x'],
    ],
  )
})

test('the planner gets the numbers of rows from the targets, and statistics of values from the design', () => {
  const rows = targetRows(model)
  assert.deepEqual(
    [...rows],
    [
      ['User', 1_000_000],
      ['Note', 5_000],
      ['Line', 1_000_000],
    ],
  )
  const distinct = new Map(columnStatistics(entityNamed(model, 'Note'), rows).map((column) => [column.column, column.distinct]))
  assert.deepEqual([distinct.get('open'), distinct.get('owner_id'), distinct.get('title')], [2, 1_000_000, -1])
})
