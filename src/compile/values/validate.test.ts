import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { processorTime } from '../../../test/support/processor-time.ts'
import { SEEDED } from '../../../test/support/random.ts'
import { ALWAYS, NEVER } from '../../model/expression.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { Entity, Field } from '../../model/model.ts'
import { inputOf, type WriteOperation } from './inputs.ts'
import { bodySchema } from './schemas.ts'
import { MAX_PROBLEMS, readBodies, readBody } from './validate.ts'

const TEXT: ScalarType = { kind: 'scalar', scalar: 'text', min: 2, max: 5, pattern: null, precision: null }
const INTEGER: ScalarType = { kind: 'scalar', scalar: 'integer', min: 0, max: 10, pattern: null, precision: null }

function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  const plain = {
    column: name,
    description: null,
    optional: false,
    default: null,
    immutable: false,
    writeSource: null,
    private: false,
    was: null,
    system: null,
  }
  return { name, type, read: ALWAYS, write: ALWAYS, ...plain, ...more }
}

function entity(fields: readonly Field[]): Entity {
  const access = {
    read: ALWAYS,
    create: ALWAYS,
    update: { from: ALWAYS, to: ALWAYS },
    delete: ALWAYS,
    source: { read: '', create: '', update: '', delete: '' },
  }
  const id = field(
    'id',
    { ...INTEGER, scalar: 'uuid', min: null, max: null },
    { system: 'id', write: NEVER, default: { kind: 'generated', by: 'uuidv7' } },
  )
  const lists = { relations: [], indexes: [], uniques: [], conditionalUniques: [], checks: [], relationChecks: [], derived: [], hooks: [] }
  return {
    name: 'User',
    description: null,
    path: 'users',
    table: 'users',
    fields: [id, ...fields],
    access,
    ...lists,
    search: null,
    softDelete: false,
    was: null,
  }
}

const USER = entity([
  field('name', TEXT),
  field('password', { kind: 'password', min: 8, max: 20, pattern: null }),
  field('nick', TEXT, { optional: true }),
  field('age', INTEGER, { default: { kind: 'value', value: 7 } }),
  field('role', { kind: 'choice', values: ['user', 'admin'] }, { default: { kind: 'value', value: 'user' } }),
  field('tags', { kind: 'list', of: TEXT, min: null, max: 3 }, { optional: true }),
  field(
    'invitedBy',
    { kind: 'ref', entity: 'User', inverse: null, onDelete: 'restrict', acyclic: false, scalar: 'uuid' },
    { immutable: true, optional: true },
  ),
  field('shout', { kind: 'computed', scalar: 'text', term: { kind: 'null', type: { scalar: 'text', list: false } } }),
])

const EVERYTHING = USER.fields.map((f) => f.name)
const WITHOUT_ROLE = EVERYTHING.filter((name) => name !== 'role')

function problems(operation: WriteOperation, body: unknown, writable = EVERYTHING): readonly string[] {
  const read = readBody(inputOf(USER, { operation, writable }), body)
  return read.ok ? [] : read.problems.map((p) => `${p.pointer} ${p.rule}: ${p.message}`)
}

function values(operation: WriteOperation, body: unknown): object {
  const read = readBody(inputOf(USER, { operation, writable: EVERYTHING }), body)
  return read.ok ? Object.fromEntries(read.values) : read.problems
}

test('every problem of a body is named by its pointer, in words', () => {
  assert.deepEqual(
    problems('create', { name: 'x', nmae: 1, nick: null, age: 'old', role: 'root', tags: ['ok', 'x', 3], id: 'a', shout: 'A' }),
    [
      '/name minLength: must be at least 2 characters',
      '/nmae unknown: unknown field, did you mean "name"?',
      '/age type: must be a number',
      '/role enum: must be one of "user", "admin"',
      '/tags/1 minLength: must be at least 2 characters',
      '/tags/2 type: must be a text',
      '/id unknown: unknown field',
      '/shout unknown: unknown field',
      '/password required: is required',
    ],
  )
})

test('a field that the caller may not set is answered like a name that does not exist, and is never suggested', () => {
  const answer = (name: string) => problems('create', { name: 'Ada', password: 'long enough', [name]: 'admin' }, WITHOUT_ROLE)
  assert.deepEqual(answer('role'), ['/role unknown: unknown field'])
  assert.deepEqual(answer('rolf'), ['/rolf unknown: unknown field'])
  assert.deepEqual(answer('roles'), ['/roles unknown: unknown field'])
})

test('null is taken only where a field is optional', () => {
  assert.deepEqual(problems('patch', { name: null, nick: null, tags: null, age: null }), [
    '/name type: must not be null',
    '/age type: must not be null',
  ])
})

test('a field that can be set at creation only is refused by name later', () => {
  for (const operation of ['patch', 'put'] as const) {
    const body = { name: 'Ada', invitedBy: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab' }
    assert.deepEqual(problems(operation, body), ['/invitedBy immutable: can be set at creation only'])
  }
})

test('a replacement clears or resets fields that it leaves out, but keeps the password', () => {
  assert.deepEqual(values('put', { name: 'Ada' }), { name: 'Ada', nick: null, age: 7, role: 'user', tags: null })
  assert.deepEqual(values('patch', {}), {})
  assert.deepEqual(values('create', { name: 'Ada', password: 'long enough', tags: ['a"b', 'cd'] }), {
    name: 'Ada',
    password: 'long enough',
    tags: '{"a\\"b","cd"}',
  })
})

test('a caller who may not set a required field can create no row, and the shape names the field', () => {
  assert.deepEqual(inputOf(USER, { operation: 'create', writable: ['nick', 'password'] }).withheld, ['name'])
  assert.deepEqual(inputOf(USER, { operation: 'create', writable: WITHOUT_ROLE }).withheld, [])
  assert.deepEqual(inputOf(USER, { operation: 'patch', writable: [] }).withheld, [])
})

test('a change may add an amount to a number; its digits are checked, and limits apply to the sum', () => {
  const price = { kind: 'scalar', scalar: 'decimal', min: '0', max: '5', pattern: null, precision: { digits: 4, scale: 2 } } as const
  const numbers = entity([field('age', INTEGER), field('price', price), field('name', TEXT)])
  const read = (operation: WriteOperation, body: unknown) => {
    const sent = readBody(inputOf(numbers, { operation, writable: ['age', 'price', 'name'] }), body)
    return sent.ok ? [Object.fromEntries(sent.values), [...sent.added]] : sent.problems.map((p) => `${p.pointer} ${p.message}`)
  }
  assert.deepEqual(read('patch', { age: { increment: -99 }, price: { increment: '7.25' } }), [
    { age: -99, price: '7.25' },
    ['age', 'price'],
  ])
  assert.deepEqual(read('patch', { age: 7, price: '1' }), [{ age: 7, price: '1' }, []])
  assert.deepEqual(read('patch', { age: { increment: 2.5 }, price: { increment: '0.001' }, name: { increment: 1 } }), [
    '/age/increment must be a whole number from -9007199254740991 to 9007199254740991',
    '/price/increment must have at most 2 digits before and 2 after the point',
    '/name must be a text',
  ])
  assert.deepEqual(read('patch', { age: { increment: null } }), ['/age/increment must not be null'])
  assert.deepEqual(read('put', { age: { increment: 1 }, price: '1', name: 'Ada' }), ['/age must be a number'])
})

test('names with a meaning in JavaScript are unknown names', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
    const body = JSON.parse(`{"name": "Ada", ${JSON.stringify(name)}: {"polluted": true}}`)
    assert.deepEqual(problems('patch', body), [`/${name} unknown: unknown field`])
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('a body that is not an object is refused', () => {
  for (const body of [null, undefined, 1, 'a', true, [], [{}]]) assert.deepEqual(problems('create', body), [' type: must be an object'])
})

test('hostile bodies give at most a hundred problems, quickly', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))
  const took = processorTime()
  assert.equal(problems('create', many).length, MAX_PROBLEMS)
  assert.equal(problems('create', { tags: Array(500_000).fill(1) }).length, 3)
  const names = problems('patch', { ['~/'.repeat(200_000)]: 1 })
  assert.ok(JSON.stringify(names).length < 1000)
  const input = inputOf(USER, { operation: 'create', writable: EVERYTHING })
  const rows = readBodies(input, Array(100).fill({}), 100)
  assert.equal(rows.ok ? 0 : rows.problems.length, MAX_PROBLEMS)
  assert.ok(took() < 500)
})

test('rows of a list are named by their index, and their number is bounded', () => {
  const input = inputOf(USER, { operation: 'create', writable: EVERYTHING })
  const good = { name: 'Ada', password: 'long enough' }
  const read = readBodies(input, [good, { ...good, name: 'x' }, 5], 3)
  assert.deepEqual(read.ok ? [] : read.problems.map((p) => `${p.pointer} ${p.rule}`), ['/1/name minLength', '/2 type'])
  assert.deepEqual(readBodies(input, [good, good], 1).ok, false)
  assert.deepEqual(readBodies(input, [], 1).ok, false)
  assert.equal(readBodies(input, [good, good], 2).ok, true)
})

/** Values around every border that JSON Schema can express; the rest (calendar, NUL, order of texts) has no keyword. */
const ANY_VALUE = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    'admin',
    'user',
    '',
    'x',
    'ab',
    '𝒳𝒳',
    '𝒳',
    'abcde',
    'abcdef',
    '𝒳𝒳𝒳𝒳𝒳',
    'long enough',
    'a'.repeat(20),
    'a'.repeat(21),
  ),
  fc.constantFrom<unknown>({ increment: 1 }, { increment: -99 }, { increment: 2.5 }, { increment: '1' }, { increment: 1, by: 1 }),
  fc.constantFrom<unknown>(-1, 0, 10, 11, 2.5, {}, [], ['ab'], ['x'], ['ab', 'cd', 'ef'], ['ab', 'cd', 'ef', 'gh'], [null], { id: 'x' }),
  fc.constantFrom<unknown>(
    '0191f3c0-7a2b-7c3d-8e4f-0123456789ab',
    { id: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab' },
    { id: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab', a: 1 },
  ),
)

test('a body is accepted exactly when the published schema accepts it', () => {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
  const ajv = new Ajv2020({ formats: { uuid, password: true } })
  const name = fc.constantFrom(...EVERYTHING, 'other', '__proto__')
  for (const operation of ['create', 'patch', 'put'] as const) {
    for (const writable of [EVERYTHING, WITHOUT_ROLE, ['nick'], []]) {
      const input = inputOf(USER, { operation, writable })
      const accepts = ajv.compile(bodySchema(input))
      const base = fc.constantFrom<object>({}, { name: 'Ada' }, { name: 'Ada', password: 'long enough' })
      fc.assert(
        fc.property(base, fc.dictionary(name, ANY_VALUE, { maxKeys: 3 }), (known, more) => {
          const body = { ...known, ...more }
          assert.equal(readBody(input, body).ok, accepts(body), JSON.stringify(body))
        }),
        { numRuns: 300, ...SEEDED },
      )
    }
  }
})

test('an id that cannot be part of an address is refused, as the published schema says', () => {
  const text: ScalarType = { kind: 'scalar', scalar: 'text', min: 0, max: 20, pattern: null, precision: null }
  for (const type of [text, { ...text, min: 1 }, { ...text, pattern: '^[a-z]+$' }]) {
    const input = inputOf({ ...USER, fields: [field('id', type, { immutable: true })] }, { operation: 'create', writable: ['id'] })
    const schema = bodySchema(input)
    const accepts = new Ajv2020().compile(schema)
    for (const id of ['', '.', '..', '...', 'a', 'a/..']) assert.equal(readBody(input, { id }).ok, accepts({ id }), `${id} ${type.pattern}`)
    assert.deepEqual(
      ['', '.', '..'].filter((id) => accepts({ id })),
      [],
    )
    assert.equal(JSON.stringify(schema).includes('"not"'), type.pattern === null)
  }
  const label = inputOf({ ...USER, fields: [field('label', text)] }, { operation: 'create', writable: ['label'] })
  assert.equal(readBody(label, { label: '..' }).ok, true)
})
