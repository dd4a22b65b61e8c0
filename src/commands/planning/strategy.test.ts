import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { allCasesOf } from '../../verify/families/all-cases.ts'
import { strategyOf } from './strategy.ts'
import { closedOperations, tasksOf } from './tasks.ts'

function modelOf(design: object): Model {
  const { model, diagnostics } = resolveDesign({ name: 'demo', ...design }, NO_SOURCE)
  return model ?? assert.fail(JSON.stringify(diagnostics))
}

const DESIGN = {
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true, read: 'id == auth.id' },
        password: { type: 'password', min: 15 },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
      },
      access: { create: 'true', read: 'true', update: 'id == auth.id' },
    },
    Post: {
      fields: { title: { type: 'text', min: 1, max: 80 }, author: { type: 'ref', entity: 'User', default: 'auth.id' } },
      access: { read: 'true', create: 'author.id == auth.id', update: 'false' },
      indexes: [['title']],
      checks: { shouting: { rule: 'title != "HELLO"', message: 'do not shout' } },
    },
  },
  targets: { rows: { Post: 1000 }, p99: '50ms' },
}

/** The strategy of a design, as `plan` makes it. */
function strategyFor(design: object) {
  return strategyOf({ name: 'demo', ...design } as unknown as WrittenDesign, modelOf(design))
}

test('the testing strategy counts exactly the cases that verify asks, by family', () => {
  const { callers, kinds, total } = strategyFor(DESIGN)
  assert.deepEqual(callers, ['anonymous', 'user', 'admin'])
  assert.deepEqual(kinds.map(({ kind }) => kind).toSorted(), [
    'access',
    'answers',
    'documents',
    'identity',
    'indexes',
    'lists',
    'races',
    'relations',
    'security',
    'values',
  ])
  const plan = allCasesOf({ name: 'demo', ...DESIGN } as unknown as WrittenDesign, modelOf(DESIGN), 'x')
  assert.equal(total, plan.cases.length + plan.probes.length + plan.messages.length)
  assert.equal(
    total,
    kinds.reduce((sum, kind) => sum + kind.cases, 0),
  )
})

test('a design with one more rule has more test cases', () => {
  const more = structuredClone(DESIGN)
  Object.assign(more.entities.Post.fields, { draft: { type: 'text', read: 'author.id == auth.id', optional: true } })
  assert.ok(strategyFor(more).total > strategyFor(DESIGN).total)
})

test('operations without a rule, and rules that are false for every caller, are closed; those without a rule are a task for a person', () => {
  const model = modelOf(DESIGN)
  const closed = closedOperations(model).map(({ entity, operation }) => `${entity}.${operation}`)
  assert.deepEqual(closed, ['User.delete', 'Post.update', 'Post.delete'])
  const yours = tasksOf(model).filter((task) => task.by === 'person')
  assert.deepEqual(
    yours.map(({ what }) => what.split(':')[0]),
    ['decide who may delete User', 'decide who may delete Post'],
  )
})

test('parts that this version does not implement are tasks for later', () => {
  const { Post, ...others } = DESIGN.entities
  const model = modelOf({ ...DESIGN, entities: { ...others, Post: { ...Post, history: true } } })
  assert.deepEqual(
    tasksOf(model)
      .filter((task) => task.by === 'later')
      .map((task) => task.what.includes('Post.history')),
    [true],
  )
})
