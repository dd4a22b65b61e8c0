/** Every request to /graphql gets an answer in GraphQL's form, and never an internal error. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openField } from '../support/hostile-design.ts'
import { SEEDED } from '../support/random.ts'

const RUNS = Number(process.env.GRAPHQL_RUNS ?? (process.env.PLINTH_FULL === '1' ? 400 : 150))

const text = fc.constantFrom(
  'x',
  '',
  "it's",
  '\\u0000',
  '\\ud800',
  '%',
  '{}',
  'a'.repeat(1_100),
  '1e400',
  '01900000-0000-7000-8000-000000000001',
  'VGhpbmc6eA',
  'VGhpbmc6MQ',
  'whole > 1',
  'owner.id == auth.id',
  'things.exists(',
)
const literal: fc.Arbitrary<string> = fc.oneof(
  text.map((t) => `"${t}"`),
  fc.constantFrom(
    '1',
    '-1',
    '0',
    '1.5',
    '1e309',
    '99999999999999999999',
    'true',
    'null',
    'ASC',
    'red',
    '[]',
    '[1, "x"]',
    '{}',
    '{ a: 1 }',
    '$v',
    '$w',
  ),
)
const ID = '"01900000-0000-7000-8000-000000000001"'
/** Members, each with a valid value. */
const GOOD: Readonly<Record<string, string>> = {
  word: '"word 1"',
  whole: '3',
  cents: '"1.50"',
  at: '"2026-01-01T00:00:00Z"',
  day: '"2026-01-31"',
  hour: '"12:00"',
  span: '"PT1H"',
  kind: 'red',
  words: '"a"',
  numbers: '1',
  ownerId: ID,
  parentId: ID,
  ratio: '0.5',
  ref8: ID,
  id: ID,
  extra: '{ a: [1] }',
}
const member = fc.constantFrom(...Object.keys(GOOD))
const mostly = (good: string) => fc.oneof({ weight: 15, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: literal })
const LISTS = new Set(['words', 'numbers'])
const condition = member.chain((name) =>
  fc
    .constantFrom(...(LISTS.has(name) ? ['contains'] : name === 'extra' ? ['isNull'] : ['eq', 'eq', 'ne', 'gt', 'in', 'nin', 'isNull']))
    .chain((op) => mostly(op === 'isNull' ? 'true' : (GOOD[name] ?? '')).map((value) => `${name}: { ${op}: ${value} }`)),
)
const { filter } = fc.letrec<{ filter: string; one: string }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: condition },
    fc.tuple(fc.constantFrom('and', 'or'), tie('filter'), tie('filter')).map(([op, a, b]) => `${op}: [${a}, ${b}]`),
    tie('filter').map((f) => `not: ${f}`),
    tie('filter').map((f) => `parent: ${f}`),
    fc.tuple(fc.constantFrom('some', 'every', 'none'), tie('filter')).map(([q, f]) => `children: { ${q}: ${f} }`),
  ),
  filter: tie('one').map((f) => `{ ${f} }`),
}))
const argument = fc.oneof(
  filter.map((f) => `filter: ${f}`),
  fc
    .constantFrom(['first', '5'], ['where', '"whole > 1"'], ['search', '"word"'], ['after', 'null'])
    .chain(([name = '', good = '']) => mostly(good).map((value) => `${name}: ${value}`)),
  fc.tuple(member, fc.constantFrom('ASC', 'DESC')).map(([name, way]) => `orderBy: [{ ${name}: ${way} }]`),
)
const page = fc
  .uniqueArray(argument, { maxLength: 3, selector: (a) => a.split(':')[0] })
  .map((args) => (args.length === 0 ? '' : `(${args.join(', ')})`))
const { row } = fc.letrec<{ row: string; rows: string }>((tie) => ({
  rows: fc
    .tuple(page, tie('row'))
    .map(([args, inner]) => `children${args} { nodes { ${inner} } edges { cursor node { id } } pageInfo { endCursor } totalCount }`),
  row: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        member,
        fc.constant('__typename'),
        fc.constant('nodeId'),
        tie('rows'),
        tie('row').map((inner) => `parent { ${inner} }`),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((fields) => [...new Set(fields)].join(' ')),
}))
const root = fc.oneof(
  fc.tuple(page, row).map(([args, inner]) => `things${args} { nodes { ${inner} } totalCount }`),
  fc.tuple(mostly(ID), row).map(([id, inner]) => `thing(id: ${id}) { ${inner} }`),
  fc.tuple(literal, row).map(([id, inner]) => `node(id: ${id}) { nodeId ... on Thing { ${inner} } }`),
  fc.tuple(mostly('1'), mostly('"one"')).map(([one, other]) => `counter(id: ${one}) { whole } label(id: ${other}) { word }`),
)
const write = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(
        member.chain((name) => fc.tuple(fc.constant(name), mostly(LISTS.has(name) ? `[${GOOD[name]}]` : (GOOD[name] ?? '')))),
        { maxLength: 4, selector: ([name]) => name },
      ),
      row,
    )
    .map(
      ([values, inner]) =>
        `createThing(input: { word: "w", ${values.filter(([name]) => name !== 'word' && name !== 'id').map(([name, value]) => `${name.replace(/Id$/, '')}: ${value}`)} }) { id thing { ${inner} } }`,
    ),
  fc
    .tuple(mostly(ID), mostly('1'), row)
    .map(([id, version, inner]) => `updateThing(id: ${id}, ifVersion: ${version}, input: { whole: 1 }) { thing { ${inner} } }`),
  mostly('1').map((id) => `deleteCounter(id: ${id}) { id __typename }`),
  fc
    .tuple(mostly('"w"'), mostly('1'), row)
    .map(([word, whole, inner]) => `createThings(inputs: [{ word: "w" }, { word: ${word}, whole: ${whole} }]) { id thing { ${inner} } }`),
  fc
    .tuple(mostly('"h"'), mostly('1'), row)
    .map(
      ([hidden, by, inner]) =>
        `upsertThing(where: { owner_hidden: { owner: ${ID}, hidden: ${hidden} } }, create: { word: "w" }, update: { words: [] }, increment: { whole: ${by} }) { id created __typename thing { ${inner} } }`,
    ),
  fc
    .tuple(mostly('"l"'), mostly('"word"'))
    .map(([id, word]) => `upsertLabel(where: { id: ${id} }, create: { id: ${id}, word: ${word} }, update: { word: ${word} }) { created }`),
)
/** Declares the variables that a document uses, of one type or another. */
const declared = (body: string, type: string): string => {
  const used = ['v', 'w'].filter((name) => body.includes(`$${name}`)).map((name) => `$${name}: ${type}`)
  return used.length === 0 ? '' : `(${used.join(', ')})`
}
const type = fc.constantFrom('String', 'Int', 'UUID', 'UUID!', 'ThingFilter', '[String!]', 'SafeInt = 1')
const query = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(type, root).map(([of, body]) => `query ${declared(body, of)} { ${body} }`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(type, fc.constantFrom('', '@atomic'), fc.array(write, { minLength: 1, maxLength: 2 }))
      .map(([of, directive, fields]) => {
        const body = fields.map((field, i) => `m${i}: ${field}`).join(' ')
        return `mutation ${declared(body, of)} ${directive} { ${body} }`
      }),
  },
)

test('no document causes an internal error', async (t) => {
  const field = await openField(t)
  const tokens = await field.replant()
  const tally = new Map<string, number>()
  const variables = fc.dictionary(fc.constantFrom('v', 'w', '__proto__'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 2 })
  await fc.assert(
    fc.asyncProperty(
      query,
      variables,
      fc.constantFrom('nobody' as const, 'user' as const, 'admin' as const),
      async (document, values, caller) => {
        const token = tokens[caller]
        const answer = await field.backend.ask('POST', '/graphql', {
          headers: { accept: 'application/graphql-response+json' },
          body: { query: document, variables: values },
          ...(token === undefined ? {} : { token }),
        })
        assert.ok(answer.status === 200 || answer.status === 400, `${answer.status} ${document} ${JSON.stringify(values)} ${answer.text}`)
        assert.ok(answer.json.data !== undefined || answer.json.errors.length > 0)
        assert.deepEqual(field.defects.splice(0), [], `${document} ${JSON.stringify(values)}`)
        const code = answer.json.errors?.[0].extensions.code ?? 'answered'
        tally.set(code, (tally.get(code) ?? 0) + 1)
      },
    ),
    { numRuns: RUNS, ...SEEDED },
  )
  assert.ok((tally.get('answered') ?? 0) > RUNS / 20, JSON.stringify([...tally]))
})
