/** Migrates from any design to any other. The result equals a database that is made directly from the new design. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import fc from 'fast-check'
import { HAZARDS } from '../../src/postgres/migrate/migration-plan.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { SEEDED } from '../support/random.ts'
import { type Entities, empty, migrateTo, modelOfEntities, schemaIn, schemasOf, UnsoundDesign } from './schema.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

const ENTITIES = ['Alpha', 'Beta', 'Gamma'] as const
const FIELDS = ['a', 'b', 'order', 'dDate', 'e'] as const

const optional = fc.constantFrom({}, { optional: true })
const unique = fc.constantFrom({}, {}, { unique: true })
const plain = fc.oneof(
  fc.record({ type: fc.constant('text'), max: fc.constantFrom(10, 20), min: fc.constantFrom(0, 2) }),
  fc.record({ type: fc.constant('text'), max: fc.constant(10), default: fc.constantFrom('x', "y'") }),
  fc.record({ type: fc.constant('text'), max: fc.constant(10), pattern: fc.constantFrom('^[a-z]+$', '^\\d') }),
  fc.record({ type: fc.constant('integer'), min: fc.constantFrom(0, 1), default: fc.constantFrom(1, 2) }),
  fc.constantFrom({ type: 'integer' }, { type: 'number' }, { type: 'date' }, { type: 'timestamp' }, { type: 'uuid' }, { type: 'email' }),
  fc.record({ type: fc.constant('decimal'), precision: fc.constantFrom(8, 10), scale: fc.constantFrom(2, 3) }),
  fc.record({ type: fc.constant('choice'), values: fc.constantFrom(['a', 'b'], ['a', 'b', 'c']) }),
)
const lists = fc.record({
  type: fc.constant('list'),
  of: fc.constantFrom({ type: 'text', max: 5 }, { type: 'integer' }, { type: 'text', max: 9 }),
  max: fc.constantFrom(5, 10),
})
const other = fc.constantFrom({ type: 'boolean', default: true }, { type: 'json', optional: true }, { type: 'duration' }, { type: 'time' })
const reference = fc.record({
  type: fc.constant('ref'),
  entity: fc.constantFrom(...ENTITIES),
  onDelete: fc.constantFrom('restrict', 'cascade'),
})
const computed = fc.constantFrom(
  { type: 'computed', expression: 'size(t)' },
  { type: 'computed', expression: "t + '!'" },
  { type: 'computed', expression: 'n * 2' },
)
const field = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(plain, optional, unique).map((parts) => Object.assign({}, ...parts)) },
  { weight: 1, arbitrary: fc.tuple(fc.oneof(lists, other), optional).map((parts) => Object.assign({}, ...parts)) },
  { weight: 2, arbitrary: fc.tuple(reference, optional).map((parts) => Object.assign({}, ...parts)) },
  { weight: 1, arbitrary: computed },
)

interface EntityLike {
  readonly fields: Readonly<Record<string, { readonly type: string }>>
}

const entity = fc
  .record({
    fields: fc.dictionary(fc.constantFrom(...FIELDS), field, { maxKeys: 5 }),
    id: fc.constantFrom({}, {}, { id: { type: 'integer' } }, { id: { type: 'text', max: 20 } }),
    number: fc.constantFrom({ type: 'integer' }, { type: 'integer', min: 3 }),
    softDelete: fc.boolean(),
    search: fc.constantFrom({}, {}, { search: ['t'] }, { search: { fields: ['t'], language: 'english' } }),
    checks: fc.constantFrom(
      {},
      {},
      { checks: { some: { rule: 'n > size(t)', message: 'no' } } },
      { checks: { some: { rule: 'n >= size(t)', message: 'no' } } },
    ),
    indexed: fc.subarray([...FIELDS], { maxLength: 2 }),
    direction: fc.constantFrom('', '-'),
  })
  .map(({ fields, id, number, softDelete, search, checks, indexed, direction }) => {
    const all: EntityLike['fields'] = { ...id, t: { type: 'text' }, n: number, ...fields } as EntityLike['fields']
    const parts = indexed.filter((name) => all[name] !== undefined && !['json', 'computed'].includes(all[name].type))
    const lists = parts.filter((name) => all[name]?.type === 'list')
    const index = [...lists.slice(0, 1), ...parts.filter((name) => !lists.includes(name)).map((name) => `${direction}${name}`)]
    return { fields: all, softDelete, ...search, ...checks, ...(index.length === 0 ? {} : { indexes: [index] }) }
  })

/** References only to existing entities. */
const design: fc.Arbitrary<Entities> = fc
  .dictionary(fc.constantFrom(...ENTITIES), entity, { minKeys: 1, maxKeys: 3 })
  .map((entities) =>
    Object.fromEntries(
      Object.entries(entities).map(([name, one]) => [
        name,
        { ...one, fields: Object.fromEntries(Object.entries(one.fields).map(([key, f]) => [key, targetIn(f, Object.keys(entities))])) },
      ]),
    ),
  )

function targetIn(one: { readonly type: string }, names: readonly string[]): unknown {
  return one.type === 'ref' && 'entity' in one && !names.includes(String(one.entity)) ? { ...one, entity: names[0] } : one
}

/** Some random designs are invalid, for example with references that require each other or forbidden names. */
function isSound(entities: Entities): boolean {
  try {
    modelOfEntities(entities)
    return true
  } catch (error) {
    if (!(error instanceof UnsoundDesign)) throw error
    return false
  }
}

/** Without allowed hazards, everything is done or nothing, and no kept column is required. */
async function withoutLeave(url: string, next: Entities): Promise<void> {
  const before = await schemaIn(url)
  const outcome = await migrateTo(url, next)
  if (outcome.kind === 'refused') return assert.deepEqual(await schemaIn(url), before)
  assert.equal((await migrateTo(url, next, { version: '1.0.1' })).kind, 'current')
  for (const wanted of schemasOf(next)[1]?.tables ?? []) {
    const names = wanted.columns.map((column) => column.name)
    const there = (await schemaIn(url)).find((table) => table.name === wanted.name)
    const asking = there?.columns.filter(
      (c) => !names.includes(c.name) && !c.nullable && c.default === null && c.generated === null && !c.identity,
    )
    assert.deepEqual(asking, [])
  }
}

it('from any design to any other', { timeout: 600_000 }, async () => {
  const { url } = database
  await fc.assert(
    fc.asyncProperty(design, design, fc.boolean(), async (old, next, carefully) => {
      fc.pre(isSound(old) && isSound(next))
      await empty(url)
      await migrateTo(url, old)
      if (carefully) await withoutLeave(url, next)
      const outcome = await migrateTo(url, next, { allowed: HAZARDS })
      assert.ok(outcome.kind === 'applied' || outcome.kind === 'current', JSON.stringify(outcome))
      assert.equal((await migrateTo(url, next, { version: '1.0.1' })).kind, 'current')
      const migrated = await schemaIn(url)
      await empty(url)
      await migrateTo(url, next)
      assert.deepEqual(migrated, await schemaIn(url))
    }),
    { numRuns: Number(process.env.PLINTH_TEST_RUNS ?? (process.env.PLINTH_FULL === '1' ? 25 : 4)), ...SEEDED },
  )
})
