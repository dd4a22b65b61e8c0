import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import { SCALAR_KINDS } from '../../model/scalar.ts'
import { encodeJson } from './encode.ts'
import { patternSamples } from './pattern-sample.ts'
import { sampleValue } from './sample.ts'

const plain: Omit<ScalarType, 'scalar'> = { kind: 'scalar', min: null, max: null, pattern: null, precision: null }

function text(limits: Partial<ScalarType>): FieldType {
  return { ...plain, scalar: 'text', ...limits }
}

test('every type has a sample that it accepts itself', () => {
  const types: readonly FieldType[] = [
    ...SCALAR_KINDS.map((scalar) => ({ ...plain, scalar })),
    ...SCALAR_KINDS.map((scalar) => ({ kind: 'list' as const, of: { ...plain, scalar }, min: 3, max: 5 })),
    { kind: 'choice', values: ['a', 'b'] },
    { kind: 'list', of: { kind: 'choice', values: ['a'] }, min: null, max: 0 },
    { kind: 'password', min: 8, max: 20, pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)' },
    { kind: 'ref', entity: 'User', inverse: null, onDelete: 'restrict', acyclic: false, scalar: 'integer' },
    { ...plain, scalar: 'decimal', precision: { digits: 4, scale: 4 } },
    { ...plain, scalar: 'decimal', min: '10.01', max: '10.02', precision: { digits: 4, scale: 2 } },
    { ...plain, scalar: 'integer', min: 100, max: 100 },
    { ...plain, scalar: 'integer', min: -5, max: -3 },
    { ...plain, scalar: 'date', min: '2031-01-01', max: '2031-01-02' },
    ...['^[a-z0-9-]+$', '^[A-Z]{3}$', '^\\d{4}$', '^[a-z]+(-[a-z]+)*$', '^\\+[1-9]\\d{1,14}$', '^[A-Z][a-z]+$'].map((pattern) =>
      text({ pattern }),
    ),
    text({ min: 300 }),
    text({ min: 1, max: 1 }),
    text({ max: 3, pattern: '^[a-z]+$' }),
  ]
  for (const type of types) {
    const value = sampleValue(type)
    assert.equal(encodeJson(type, value).ok, true, `${JSON.stringify(type)}: ${JSON.stringify(value)}`)
  }
})

test('samples differ if the type allows several values', () => {
  for (const scalar of SCALAR_KINDS.filter((kind) => kind !== 'boolean')) {
    const values = Array.from({ length: 20 }, (_, n) => JSON.stringify(sampleValue({ ...plain, scalar }, n)))
    assert.equal(new Set(values).size, 20, scalar)
  }
})

test('common patterns have samples that differ', () => {
  const patterns = [
    '^[a-z0-9-]+$',
    '^[A-Z]{3}$',
    '^\\d{4}$',
    '^[a-z]+(-[a-z]+)*$',
    '^\\+[1-9]\\d{1,14}$',
    '^[A-Z][a-z]+$',
    '^ISBN 97[89]-\\d{10}$',
    '^(?:[A-Z]{2}\\d{2}|x-[^\\d\\s]{3})$',
    '^#[0-9a-fA-F]{6}$',
    '^\\p{Lu}\\p{L}+$',
    '^v\\d+\\.\\d+\\.\\d+$',
    '^.{3,5}$',
    '^(?<area>\\d{3})\\/\\d{4}$',
  ]
  for (const pattern of patterns) {
    const samples = Array.from({ length: 10 }, (_, n) => sampleValue(text({ pattern }), n))
    for (const sample of samples) assert.match(String(sample), new RegExp(pattern, 'u'))
    assert.equal(new Set(samples).size, 10, pattern)
  }
})

test('an unsupported pattern has no sample, and no pattern causes an error', () => {
  for (const pattern of ['^(a)\\1b{9}$', '^\\p{Script=Greek}$', '^(?=x)y$', '[', '(', 'a{99999999999}', '((a{9999}){9999}){9999}', '\\']) {
    assert.doesNotThrow(() => patternSamples(pattern, 3))
    if (!['[', '(', '\\'].includes(pattern)) assert.equal(sampleValue(text({ pattern })), undefined, pattern)
  }
})
