import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/failure.ts'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { ANONYMOUS, type Caller } from '../../model/caller.ts'
import { entityNamed } from '../../model/model.ts'
import { openPlanContext } from '../plan/plan-context.ts'
import { writeCursor } from '../plan/plan-order.ts'
import type { Recipe } from '../plan/recipes/recipes.ts'
import { prepareRestRead } from './prepare-rest-read.ts'

const { model } = resolveDesign(
  {
    name: 'recipes',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role', claims: ['level'] },
        fields: {
          email: { type: 'email', unique: true, read: 'id == auth.id' },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'false' },
          level: { type: 'integer', optional: true },
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
      },
      Post: {
        fields: {
          title: { type: 'text', max: 20 },
          kind: { type: 'choice', values: ['open', 'true'], default: 'open' },
          isOpen: { type: 'boolean', default: true },
          rank: { type: 'integer', optional: true },
          note: { type: 'text', optional: true, read: 'author == auth.id || title == "apple"' },
          author: { type: 'ref', entity: 'User', inverse: 'posts' },
        },
        access: { read: 'isOpen || author == auth.id', create: 'auth.id != null', update: 'false', delete: 'false' },
        indexes: [['kind'], ['isOpen'], ['rank'], ['title'], ['note']],
        search: ['title'],
      },
    },
  },
  NO_SOURCE,
)
assert.ok(model !== null)
const POST = entityNamed(model, 'Post')
const [ANN, BOB] = ['018cc251-f7e8-724c-89e1-5e52afc47c22', '018cc251-f7e8-724c-89e1-5e52afc47c23']

function signedIn(id: string, level: number | null): Caller {
  return { claims: new Map<string, string | number | null>(Object.entries({ id, role: 'user', level })), session: id }
}

/** A backend, and its recipes by bare query. */
function open() {
  assert.ok(model !== null)
  const context = openPlanContext(model)
  const kept = new Map<string, Recipe | null>()
  const recipes = context.recipes
  assert.ok(recipes !== null)
  const offer: typeof recipes.offer = (key, make) =>
    recipes.offer(key, () => {
      const made = make()
      kept.set(key, made)
      return made
    })
  const watched = { context: { ...context, recipes: { ...recipes, offer } } }
  const plain = { context: openPlanContext(model, { recipes: false }) }
  const read = (query: string, caller: Caller = ANONYMOUS) => prepareRestRead(watched, caller, { entity: POST, id: null, query })
  const readPlain = (query: string, caller: Caller = ANONYMOUS) => prepareRestRead(plain, caller, { entity: POST, id: null, query })
  return { kept, read, readPlain }
}

/** The numbers of recipes, and of keys without one, after each query was sent twice. */
function recipesAfter(queries: readonly string[], caller?: Caller): { readonly made: number; readonly none: number } {
  const { kept, read } = open()
  for (const query of [...queries, ...queries]) read(query, caller)
  const all = [...kept.values()]
  return { made: all.filter((recipe) => recipe !== null).length, none: all.filter((recipe) => recipe === null).length }
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return `${error.code}: ${error.detail}`
    throw error
  }
  return assert.fail('nothing was refused')
}

test('the third list of a bare query is planned by a recipe, with its own values', () => {
  const { kept, read, readPlain } = open()
  const queries = ['apple', 'berry', 'a+%22b%22'].map((title) => `filter[title]=${title}&filter[rank][in]=1,2&sort=title`)
  const reads = queries.map((query) => read(query))
  assert.equal(kept.size, 1)
  assert.deepEqual(
    reads.map(({ values }) => values),
    queries.map((query) => readPlain(query).values),
  )
  assert.deepEqual(
    reads.map(({ values }) => [values.p0, values.p1]),
    [
      ['apple', '{"1","2"}'],
      ['berry', '{"1","2"}'],
      ['a "b"', '{"1","2"}'],
    ],
  )
  assert.equal(new Set(reads.map(({ statement }) => statement)).size, 1)
})

test('a recipe holds constants of rules, but no value of a request or a caller', () => {
  const { kept, read } = open()
  const caller = signedIn(ANN, 7)
  for (const title of ['secret1', 'secret2', 'secret3']) read(`filter[note]=${title}&filter[rank]=77&search=secret`, caller)
  const text = JSON.stringify([...kept])
  assert.equal(kept.size, 1)
  assert.match(text, /"constants":\{"p0":"apple"\}/)
  assert.doesNotMatch(text, new RegExp(`secret|77|${ANN}`))
})

test('callers of one kind share a recipe and keep their own values', () => {
  const { kept, read } = open()
  const query = `filter[author]=${BOB}`
  const reads = [signedIn(ANN, 1), signedIn(BOB, 2), signedIn(ANN, 3), signedIn(BOB, null)].map((caller) => read(query, caller).values)
  assert.deepEqual(
    reads.map((values) => [values['auth.id'], values['auth.level']]),
    [
      [ANN, 1],
      [BOB, 2],
      [ANN, 3],
      [BOB, null],
    ],
  )
  assert.equal(kept.size, 1)
})

test('queries whose plan depends on more than their bare query have no recipe', () => {
  // An expression may decide by the caller alone.
  assert.deepEqual(recipesAfter(['filter=auth.level > 1', 'filter=title == "apple"&filter[rank]=1'], signedIn(ANN, 2)), {
    made: 0,
    none: 2,
  })
  // The value of a boolean is part of the statement.
  assert.deepEqual(recipesAfter(['filter[isOpen]=%74rue']), { made: 0, none: 1 })
  assert.deepEqual(recipesAfter(['filter[isOpen]=true', 'filter[isOpen]=false']), { made: 2, none: 0 })
  // Names in an unusual spelling keep their values in the bare query.
  assert.deepEqual(recipesAfter(['%66ilter[title]=a', 'filter[rank]=1&filter%5btitle%5d=a', '%73earch=apple']), { made: 0, none: 3 })
})

test('the spellings of a boolean, and a choice that looks like one', () => {
  const { read, readPlain } = open()
  for (const field of ['isOpen', 'kind', 'title']) {
    for (const value of ['true', '%74rue', 'true', 'tru%65', '%66alse', 'false', '%74rue', '%66alse', 'open', 'true', '%74rue', 'TRUE']) {
      const query = `filter[${field}]=${value}`
      const outcome = (by: typeof read) => {
        try {
          const { statement, values } = by(query)
          return { name: statement.name, parts: statement.sql.parts, values }
        } catch (error) {
          return refusal(() => {
            throw error
          })
        }
      }
      assert.deepEqual(outcome(read), outcome(readPlain), query)
    }
  }
})

test('values are refused with the failure of the ordinary planning', () => {
  const { kept, read, readPlain } = open()
  const queries = (value: string, search = 'apple') => `filter[rank]=${value}&search=${search}`
  for (const value of ['1', '2', '3']) read(queries(value))
  assert.equal(kept.size, 1)
  const wrong = [
    ...['', 'x', '1.5', 'null', 'true', '%00', '%zz', '9007199254740993', '9'.repeat(1_001)].map((value) => queries(value)),
    ...['', '+', '%20', '%00', 'a%00', '%zz', 'x'.repeat(1_001)].map((search) => queries('1', search)),
  ]
  for (const query of wrong)
    assert.equal(
      refusal(() => read(query)),
      refusal(() => readPlain(query)),
      query,
    )
})

test('a cursor with other missing values has another statement', () => {
  const { read, readPlain } = open()
  const { plan } = read('sort=rank')
  assert.ok(plan.kind === 'list')
  const cursors = [
    ['1', ANN],
    [null, ANN],
    ['2', BOB],
    [null, BOB],
    ['3', ANN],
  ].map((keys) => writeCursor(plan.order, keys))
  for (const cursor of cursors) {
    const query = `sort=rank&page[after]=${cursor}`
    const [one, other] = [read(query), readPlain(query)]
    assert.deepEqual([one.statement.sql.parts, one.values], [other.statement.sql.parts, other.values])
  }
  for (const cursor of ['', 'x', writeCursor(plan.order.slice(1), [ANN]), writeCursor(plan.order, ['x', 'y'])]) {
    const query = `sort=rank&page[after]=${cursor}`
    assert.equal(
      refusal(() => read(query)),
      refusal(() => readPlain(query)),
    )
  }
})

test('a recipe whose statement was dropped plans in the ordinary way', () => {
  assert.ok(model !== null)
  const context = openPlanContext(model, { statements: 1 })
  const read = (query: string) => prepareRestRead({ context }, ANONYMOUS, { entity: POST, id: null, query }).values.p0
  assert.deepEqual(
    ['filter[title]=a', 'filter[title]=b', 'filter[rank]=1', 'filter[title]=c', 'filter[rank]=2', 'filter[title]=d'].map(read),
    ['a', 'b', 1, 'c', 2, 'd'],
  )
})
