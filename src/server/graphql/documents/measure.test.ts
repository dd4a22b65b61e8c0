import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getIntrospectionQuery, parse } from 'graphql'
import { excessOf } from './measure.ts'

const excess = (text: string) => excessOf(parse(text))

test('the fields of a fragment count at each spread', () => {
  const spread = (n: number) =>
    `{ a { ${'...F '.repeat(n)} } } fragment F on A { ${Array.from({ length: 10 }, (_, i) => `f${i}`).join(' ')} }`
  assert.equal(excess(spread(49)), null)
  assert.match(excess(spread(50)) ?? '', /^501 fields, at most 500$/)
})

test('measuring ignores cyclic and unknown fragments; validation refuses them', () => {
  assert.equal(excess('{ a { ...F } } fragment F on A { b { ...G } } fragment G on A { c { ...F } }'), null)
  assert.equal(excess('{ a { ...Nowhere } }'), null)
})

test('edges and their node are one level', () => {
  const levels = (n: number): string => (n === 0 ? 'id' : `a { edges { node { ${levels(n - 1)} } } }`)
  assert.equal(excess(`{ ${levels(4)} b { edges { node { id } } } }`), null)
  assert.match(excess(`{ ${levels(5)} }`) ?? '', /11 levels, at most 9/)
})

test('the introspection queries of tools are within the limits; equal names outside introspection do not count as introspection', () => {
  assert.equal(
    excess(
      getIntrospectionQuery({
        oneOf: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
      }),
    ),
    null,
  )
  assert.equal(excess('{ forms { nodes { fields { nodes { fields { nodes { id } } } } } } }'), null)
  assert.match(excess('{ __schema { types { fields { type { fields { name } } } } } }') ?? '', /levels of lists of types/)
})

test('an alias of more than 63 bytes is refused', () => {
  assert.equal(excess(`{ ${'a'.repeat(63)}: id }`), null)
  assert.notEqual(excess(`{ ${'a'.repeat(64)}: id }`), null)
})
