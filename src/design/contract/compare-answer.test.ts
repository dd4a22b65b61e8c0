import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import fc from 'fast-check'
import { shortened } from '../../../test/support/random.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { reportOn } from '../findings/report.ts'
import { NO_SOURCE, type Path } from '../findings/source.ts'
import { compareAnswer } from './compare-answer.ts'
import type { AnswerPart, GivenType } from './given-type.ts'
import type { ContractReading } from './references.ts'

const SHARED = { Note: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } }

function compared(type: GivenType, schema: unknown) {
  const report = reportOn(NO_SOURCE)
  const value = { components: { schemas: SHARED } }
  const reading: ContractReading = {
    document: { file: 'openapi.yml', value, at: (path: Path) => ({ path }) },
    report,
    reported: new Set(),
  }
  const misfits = compareAnswer({ type, at: [] }, { value: schema, path: [] }, { reading, action: 'getNote', label: '' })
  assert.deepEqual(report.list, [])
  return misfits.map(({ code, message }) => `${code} ${message}`)
}

/** Some values of each scalar, as they are answered. */
const SAMPLES: Readonly<Record<Exclude<ScalarKind, 'json'>, readonly unknown[]>> = {
  text: ['', 'x y'],
  email: ['a@example.com'],
  url: ['https://example.com/a'],
  uuid: ['019317c4-29f9-7c4e-9a43-2d6f2f1b2f3a'],
  integer: [0, 7],
  decimal: ['1.50'],
  number: [1.5, 2],
  boolean: [true, false],
  timestamp: ['2030-01-31T12:00:00.000Z'],
  date: ['2030-01-31'],
  time: ['12:00:00'],
  duration: ['PT1H'],
  encrypted: ['x y'],
  encryptedEqual: ['x y'],
}

const scalars = fc
  .record({
    scalar: fc.constantFrom(...(Object.keys(SAMPLES) as (keyof typeof SAMPLES)[])),
    nullable: fc.boolean(),
    isChoice: fc.boolean(),
  })
  .map(({ scalar, nullable, isChoice }): GivenType => {
    const values = scalar === 'text' && isChoice ? ['a', 'b'] : null
    return { kind: 'scalar', scalar, values, declared: true, nullable }
  })

const at: Path = []
const given: fc.Memo<GivenType> = fc.memo((depth) => {
  const leaf = fc.oneof(
    scalars,
    fc.constantFrom(null, true, 3, 1.5, 'a').map((value): GivenType => ({ kind: 'constant', value })),
  )
  if (depth <= 1) return leaf
  const inner = given(depth - 1).map((type): AnswerPart => ({ type, at }))
  return fc.oneof(
    leaf,
    fc.record({ of: inner, nullable: fc.boolean() }).map(({ of, nullable }): GivenType => ({ kind: 'list', of, nullable })),
    inner.map((of): GivenType => ({ kind: 'map', of })),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), inner, { noNullPrototype: true })
      .map((members): GivenType => ({ kind: 'object', members: new Map(Object.entries(members)), nullable: false })),
  )
})

/** Values that an action with such an answer answers. */
function samplesOf(type: GivenType): readonly unknown[] {
  switch (type.kind) {
    case 'any':
      return []
    case 'scalar': {
      const values = type.values ?? (type.scalar === 'json' ? [] : SAMPLES[type.scalar])
      return type.nullable ? [...values, null] : values
    }
    case 'constant':
      return [type.value]
    case 'list': {
      const items = samplesOf(type.of.type)
      return [[], items, ...(type.nullable ? [null] : [])]
    }
    case 'map':
      return [Object.fromEntries(samplesOf(type.of.type).map((value, i) => [`k${i}`, value]))]
    case 'object': {
      const members = [...type.members].map(([name, { type: member }]) => [name, samplesOf(member)] as const)
      const most = Math.max(1, ...members.map(([, all]) => all.length))
      return Array.from({ length: most }, (_, i) => Object.fromEntries(members.map(([name, all]) => [name, all[i % all.length]])))
    }
    default:
      return assert.fail()
  }
}

const kinds = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object')
const schemas: fc.Memo<object | boolean> = fc.memo((depth) => {
  const leaf = fc.oneof(
    fc.boolean(),
    fc.record({ type: kinds }),
    fc.record({ type: fc.uniqueArray(kinds, { minLength: 1, maxLength: 3 }) }),
    fc.record({ type: fc.constant('string'), format: fc.constantFrom('date-time', 'date', 'time', 'uuid', 'email', 'uri') }),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 3, null, true), { minLength: 1 }) }),
    fc.record({ const: fc.constantFrom('a', 3, null) }),
    fc.constant({ $ref: '#/components/schemas/Note' }),
  )
  if (depth <= 1) return leaf
  const inner = schemas(depth - 1)
  const names = fc.constantFrom('a', 'b', 'c')
  return fc.oneof(
    leaf,
    fc.record({ type: fc.constant('array'), items: inner }),
    fc.record(
      {
        type: fc.constantFrom('object', ['object', 'null']),
        properties: fc.dictionary(names, inner, { noNullPrototype: true }),
        required: fc.uniqueArray(names),
        additionalProperties: inner,
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ anyOf: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
  )
})

test('an answer that fits a schema has only values that are valid against it', () => {
  const ajv = new Ajv2020({ strict: false, logger: false })
  ajvFormats.default(ajv)
  const runs = shortened(3_000)
  let fits = 0
  fc.assert(
    fc.property(given(3), schemas(3), (type, schema) => {
      if (compared(type, schema).length > 0) return
      fits++
      const validate = ajv.compile({ allOf: [schema], components: { schemas: SHARED } })
      for (const value of samplesOf(type)) assert.ok(validate(value), `${JSON.stringify(value)} of ${JSON.stringify(schema)}`)
    }),
    { numRuns: runs },
  )
  assert.ok(fits > runs / 30, `only ${fits} answers fit`)
})

test('text without a declared type may have any format and value; a field of that type may not', () => {
  const text = { kind: 'scalar', scalar: 'text', values: null, nullable: false } as const
  assert.deepEqual(compared({ ...text, declared: false }, { type: 'string', format: 'uri' }), [])
  assert.deepEqual(compared({ ...text, declared: false }, { enum: ['a'] }), [])
  assert.match(
    compared({ ...text, declared: true }, { type: 'string', format: 'uri' }).join(),
    /D538 the answer is text here and string \(uri\)/,
  )
})

test('a value has each format that the parts of an allOf name', () => {
  const url = { kind: 'scalar', scalar: 'url', values: null, nullable: false, declared: true } as const
  const both = (...formats: readonly string[]) => ({ allOf: formats.map((format) => ({ type: 'string', format })) })
  assert.equal(compared(url, both('uri', 'date-time')).length, 1)
  assert.equal(compared(url, both('date-time', 'uri')).length, 1)
  assert.equal(compared(url, both('password', 'uri', 'date-time')).length, 1)
  assert.equal(compared({ kind: 'constant', value: 'https://example.com/a' }, both('uri', 'date-time')).length, 1)
  assert.deepEqual(compared(url, both('uri', 'url', 'password')), [])
})

test('the misfits of a choice are those of the alternative that fits best', () => {
  const words: AnswerPart = { type: { kind: 'constant', value: 'a' }, at: [] }
  const note: GivenType = { kind: 'object', members: new Map([['a', words]]), nullable: false }
  const near = { type: 'object', required: ['a', 'b'] }
  const far = { type: 'object', required: ['a', 'b', 'c', 'd'] }
  assert.match(compared(note, { oneOf: [far, near] }).join(), /^PLN-D537 the answer of getNote lacks "b"[^,]*, which[^,]*$/)
})
