import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { readDesign } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { ALL } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { type CasePlan, casesOf } from './cases-of.ts'
import { excludedValues } from './excluded-values.ts'

const ROOT = dirname(dirname(dirname(import.meta.dirname)))

async function plannedFrom(file: string) {
  const read = await readDesign(join(ROOT, file))
  assert.ok(read.ok)
  const design = read.design as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, read.source)
  if (model === null) assert.fail(JSON.stringify(diagnostics))
  return { design, model, plan: casesOf(design, model, 'hash') }
}

const blog = await plannedFrom('examples/blog')

function figures({ plans }: CasePlan) {
  const sum = (value: (plan: CasePlan['plans'][number]) => number): number => plans.reduce((total, plan) => total + value(plan), 0)
  return {
    atoms: sum(({ claim }) => claim.parsed.atoms.length),
    reached: sum(({ reached }) => reached.length),
    impossible: sum(({ impossible }) => impossible),
    unreachable: sum(({ unreachable }) => unreachable.length),
    open: sum(({ open }) => open.length),
  }
}

test('for the ten rules of the blog about rows, the e-mail and the role, all that can be reached is reached: 58 of 58', () => {
  const { plan } = blog
  const rules = plan.plans.filter(({ claim }) => claim.id !== 'access/User.password.write')
  assert.deepEqual(figures({ ...plan, plans: rules }), { atoms: 24, reached: 58, impossible: 2, unreachable: 12, open: 0 })
  const unreachable = rules.filter((one) => one.unreachable.length > 0).map(({ claim }) => claim.id)
  assert.deepEqual(unreachable, ['access/User.update.to', 'access/Post.update.to'])
})

test('each of the four conditions of the read rule of posts decides as true, false and unknown, but a required field is never unknown', () => {
  const { plans } = blog.plan
  const read = plans.find(({ claim }) => claim.id === 'access/Post.read')
  assert.equal(read?.reached.length, 11)
  assert.equal(read?.impossible, 1)
  assert.ok(!read?.reached.includes('published/unknown'))
})

test('a plan is the same each time, and each case has a name of its own', async () => {
  const [one, two] = [blog.plan, (await plannedFrom('examples/blog')).plan]
  assert.deepEqual(
    one.cases.map((each) => [each.name, each.user, each.request]),
    two.cases.map((each) => [each.name, each.user, each.request]),
  )
  const names = one.cases.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

/** A design whose names are spelled by `n`. */
function vocabulary(n: (word: string) => string): WrittenDesign {
  return {
    name: 'demo',
    rules: { [n('staff')]: 'auth.role == "admin"' },
    entities: {
      [n('User')]: {
        identity: { login: n('login'), password: n('secret'), role: n('rank') },
        fields: {
          [n('login')]: { type: 'email', unique: true, read: `id == auth.id || ${n('staff')}` },
          [n('secret')]: { type: 'password' },
          [n('rank')]: {
            type: 'choice',
            values: ['user', 'admin'],
            default: 'user',
            write: n('staff'),
          } as WrittenDesign['entities'][string]['fields'][string],
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id' },
      },
      [n('Team')]: {
        fields: { [n('label')]: { type: 'text' } },
        access: { read: `${n('members')}.exists(m, m.${n('person')}.id == auth.id)`, create: n('staff') },
      },
      [n('Member')]: {
        fields: {
          [n('team')]: { type: 'ref', entity: n('Team'), inverse: n('members') } as WrittenDesign['entities'][string]['fields'][string],
          [n('person')]: { type: 'ref', entity: n('User') },
          [n('level')]: { type: 'integer', optional: true },
        },
        access: { read: `can("read", ${n('team')}) || ${n('level')} > 3`, delete: `${n('person')} == auth.id && ${n('level')} >= 5` },
      },
    },
  } as WrittenDesign
}

test('names mean nothing: with other names, a design has the same questions', () => {
  const [before, after] = [(word: string) => word, (word: string) => `${word}Zz`].map((n) => {
    const design = vocabulary(n)
    const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
    return casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  })
  assert.ok(before !== undefined && after !== undefined)
  assert.deepEqual(figures(after), figures(before))
  assert.ok(before.cases.length > 100)
  assert.equal(after.cases.length, before.cases.length)
})

/** A design in which the rules of an entity ask whether another row may be changed, and rows have JSON values. */
const FOLDERS = {
  name: 'demo',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
    },
    Folder: {
      fields: {
        owner: { type: 'ref', entity: 'User', set: 'auth.id' },
        settings: { type: 'json', default: { colour: 'blue' } },
        low: { type: 'integer', default: 1 },
        high: { type: 'integer', default: 2 },
      },
      checks: { order: { rule: 'high > low && settings != null', message: 'is above the other' } },
      access: { read: 'true', create: 'auth.id != null', update: 'owner == auth.id', delete: 'owner == auth.id' },
    },
    Paper: {
      fields: { folder: { type: 'ref', entity: 'Folder', inverse: 'papers', immutable: true }, text: { type: 'text' } },
      access: { read: 'true', create: 'can("update", folder)', update: 'can("update", folder)', delete: 'can("delete", folder)' },
    },
  },
} as unknown as WrittenDesign

test('rows with JSON values are judged, and rules that ask whether another row may be changed', () => {
  const { model, diagnostics } = resolveDesign(FOLDERS, NO_SOURCE)
  const { plans } = casesOf(FOLDERS, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  const create = plans.find(({ claim }) => claim.id === 'access/Paper.create')
  assert.deepEqual(create?.open, [])
  assert.deepEqual(
    create?.reached.toSorted(),
    ['false', 'true', 'unknown'].map((truth) => `can("update",folder)/${truth}`),
  )
})

test('no state of a world shows a value that the design excludes', async () => {
  const others = ['test/verify/designs/library.yaml', 'test/actions/designs/helpdesk.yaml'].map(plannedFrom)
  let count = 0
  for (const { design, model, plan } of [blog, ...(await Promise.all(others))]) {
    for (const { claim, reached } of plan.plans) {
      const excluded = excludedValues(design, { design, model, entity: claim.entity }, claim)
      assert.deepEqual(
        [...excluded].filter((name) => reached.includes(name)),
        [],
        claim.id,
      )
      count += excluded.size
    }
  }
  assert.ok(count > 20)
})

test('a role that no account of the world has is not called unreachable', () => {
  const choice = { type: 'choice', values: ['x', 'y', 'z'], default: 'x' }
  const design = {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['reader', 'chief'], default: 'reader', write: 'auth.role == "chief"' },
          a: choice,
          b: choice,
          c: choice,
          d: choice,
        },
        access: {
          read: 'auth.role == "chief" || a == "y" || b == "y" || c == "y" || d == "y"',
          create: 'true',
          update: 'id == auth.id',
        },
      },
      Branch: { fields: { name: { type: 'text' } }, access: { read: 'true', create: 'auth.role == "chief"' } },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const { plans, world } = casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  const create = plans.find(({ claim }) => claim.id === 'access/Branch.create')
  assert.ok(world.capped.has('User'))
  assert.deepEqual(create?.unreachable, [])
})

test('rows whose unique values are compared among some rows alone are made, and writes that no hook concerns are foreseen', () => {
  const seat = { type: 'ref', entity: 'Seat', inverse: 'tickets' }
  const design = {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
      },
      Seat: { fields: { name: { type: 'text', max: 20 } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
      Ticket: {
        fields: {
          seat,
          state: { type: 'choice', values: ['asked', 'paid'], default: 'asked' },
          owner: { type: 'ref', entity: 'User', set: 'auth.id' },
        },
        unique: [{ fields: ['seat'], where: 'state == "paid"' }],
        access: { read: 'true', create: 'auth.id != null', update: 'owner == auth.id', delete: 'owner == auth.id && state == "asked"' },
        hooks: { afterUpdate: 'hooks/nothing.ts' },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const { plans, world, cases, left } = casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  const tickets = world.rows.get('Ticket') ?? []
  const of = (state: string): readonly unknown[] => tickets.filter((row) => row.state === state).map((row) => row.seat)
  assert.ok(of('asked').length > new Set(of('asked')).size)
  assert.equal(of('paid').length, new Set(of('paid')).size)
  const openOf = (id: string) => plans.find(({ claim }) => claim.id === id)?.open
  assert.deepEqual([openOf('access/Ticket.create'), openOf('access/Ticket.delete')], [[], []])
  assert.ok(cases.some(({ request, hooked }) => request.kind === 'update' && hooked === true))
  assert.ok(left.some(({ what }) => what === 'changes of Ticket'))
})

test('accounts may have numbers as ids, and rules may ask for the first of two rules of an update', () => {
  const design = {
    name: 'demo',
    rules: { chief: 'auth.role == "chief"' },
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role', takenLogin: 'conflict' },
        fields: {
          id: { type: 'integer' },
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['reader', 'chief'], default: 'reader', write: 'chief' },
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id' },
      },
      Album: {
        fields: {
          title: { type: 'text', max: 40 },
          open: { type: 'boolean', default: true },
          owner: { type: 'ref', entity: 'User', optional: true },
          closesAt: { type: 'timestamp' },
        },
        access: {
          read: 'true',
          create: 'owner == auth.id',
          update: { from: 'open && owner == auth.id', to: 'owner == auth.id || chief' },
        },
      },
      Photo: {
        fields: {
          album: { type: 'ref', entity: 'Album', inverse: 'photos' },
          place: { type: 'integer', min: 1 },
          late: { type: 'boolean', optional: true, set: 'album.closesAt < now()' },
        },
        unique: [{ fields: ['album', 'place'], where: '!late' }],
        access: { read: 'true', create: 'can("update", album)', update: 'can("update", album)', delete: 'chief' },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  if (model === null) assert.fail(JSON.stringify(diagnostics))
  const { plans, cases, world } = casesOf(design, model, 'hash')
  const of = (id: string) => plans.find(({ claim }) => claim.id === id)
  assert.deepEqual(
    of('access/Photo.create')?.reached,
    ['true', 'false', 'unknown'].map((value) => `can("update",album)/${value}`),
  )
  assert.deepEqual(
    plans.flatMap(({ claim, open }) => (open.length === 0 ? [] : [claim.id])),
    [],
  )
  // The database numbers the rows, and a number that no row has is a reference to nothing.
  const bodies = cases.flatMap(({ request }) => (request.kind === 'create' ? request.rows : []))
  assert.ok(bodies.length > 0 && bodies.every((body) => !Object.hasOwn(body, 'id')))
  const reference = referenceOf(design, model, world.rows)
  const album = { title: 'a', owner: 987_654, closesAt: '2030-01-01T00:00:00Z' }
  const asked = { kind: 'create', entity: 'Album', rows: [album], many: false, selected: ALL } as const
  assert.equal(expectationOf(reference, world.accounts[0] ?? null, asked).hidden, 'references')
  const nobody = { reference, user: null, sight: reference.sightOf(null) }
  const { body } = GRAPHQL.encode(nobody, { kind: 'get', entity: 'User', id: '7', selected: ALL }, null)
  assert.deepEqual((body as { readonly variables: unknown }).variables, { id: 7 })
  // An anonymous caller and an album of nobody have the same missing id.
  assert.ok(cases.some(({ goals, user }) => user === null && goals.includes('missing-alike')))
})
