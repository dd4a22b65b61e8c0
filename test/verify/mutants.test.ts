/** Mutants of the blog: a sample of each kind that its cases can notice, and those that must not count as caught. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openBenches } from '../../src/commands/verifying/open-benches.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { ALL_KINDS } from '../../src/verify/mutants/kinds.ts'
import type { Mutant } from '../../src/verify/mutants/mutant.ts'
import { mutantsOf } from '../../src/verify/mutants/run/mutants-of.ts'
import { type MutationRunResult, runMutants } from '../../src/verify/mutants/run/run-mutants.ts'
import { scoreOf } from '../../src/verify/mutants/run/score.ts'
import { mutationClaim } from '../../src/verify/report/mutation-claim.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { IS_FULL } from './planted/first-of-each.ts'

async function load(path: string): Promise<{ readonly design: WrittenDesign; readonly model: Model }> {
  const read = await readDesign(join(ROOT, path))
  assert.ok(read.ok)
  const { model } = resolveDesign(read.design, read.source)
  return { design: read.design as WrittenDesign, model: model ?? assert.fail('no model') }
}

const { design, model } = await load('examples/blog')
const plan = allCasesOf(design, model, 'x')
const all = mutantsOf(model, plan)

/** The cases that are asked. Of all forged tokens two are enough here. */
const ASKED =
  /^(access\/(Post\.read|Post\.delete|Post\.update\.(from|to)|User\.email\.read)|values\/(Post\.title|User\.name|User\.role)|events\/User|indexes\/Post|lists\/User\/filter-name-startsWith-inside|identity\/tokens\/.*audience)\//
const questions = [...plan.cases, ...plan.probes].filter(({ name }) => ASKED.test(name))

async function fates(t: TestContext, mutants: readonly Mutant[]): Promise<MutationRunResult> {
  const { benches, close } = await openBenches({ model, folder: temporaryFolder(t), databaseUrl: null, count: 1 })
  try {
    return await runMutants(benches, { design, model, plan, questions, mutants })
  } finally {
    await close()
  }
}

function named(name: string): Mutant {
  return all.find((mutant) => mutant.name === name) ?? assert.fail(`no ${name}`)
}

test('the blog has at least 300 mutants of at least 20 kinds, with different names', () => {
  assert.ok(all.length >= 300, String(all.length))
  assert.ok(new Set(all.map(({ kind }) => kind)).size >= 20)
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length)
  assert.ok(all.every(({ kind, name }) => ALL_KINDS.includes(kind) && name.startsWith(`mutants/${kind}/`)))
})

test('a sample of mutants is caught, an equivalent one is proved, and what breaks the backend is not caught', async (t) => {
  const table = `public.${model.entities.find(({ name }) => name === 'Post')?.table}`
  const broken: Mutant = {
    ...named('mutants/write-lost/Post/update'),
    name: 'mutants/write-lost/Post/crash',
    plant: {
      kind: 'database',
      plant: [`alter table ${table} rename column title to lost`],
      remove: [`alter table ${table} rename column lost to title`],
    },
  }
  const untouched: Mutant = {
    ...named('mutants/operation-opened/Post.delete'),
    name: 'mutants/operation-opened/nowhere',
    doors: ['no door'],
  }
  const unnoticed: Mutant = {
    ...named('mutants/event-lost/User/created'),
    name: 'mutants/event-lost/unnoticed',
    claims: ['access/Post.delete'],
    doors: ['delete'],
  }
  const caught = [
    'mutants/atom-dropped/Post.delete/author==auth.id',
    'mutants/operation-opened/Post.delete',
    'mutants/read-rule-lost-at-door/Post.read/include-many',
    'mutants/field-read-lost-at-door/User.email.read/graphql-list',
    'mutants/limit-moved/Post.title/max+1',
    'mutants/limit-dropped/User.name/min',
    'mutants/required-dropped/Post.title',
    'mutants/choice-added/User.role/more',
    'mutants/write-lost/Post/update',
    'mutants/neighbour-written/Post/update',
    'mutants/cursor-skips/Post',
    'mutants/status-swapped/Post/404:403',
    'mutants/event-lost/User/created',
    'mutants/event-doubled/User/created',
    'mutants/event-altered/User/created',
    'mutants/index-dropped/Post/tags,published',
    'mutants/token-unchecked/audience',
    'mutants/filter-operator-swapped/User/startsWith:contains',
    'mutants/type-converted/User/name',
  ].map(named)
  const equivalent = named('mutants/update-to-ignored/Post.update.to')
  const { judged, control, caught: catching } = await fates(t, [...caught, equivalent, broken, untouched, unnoticed])
  const fate = new Map(judged.map(({ mutant, fate: of }) => [mutant.name, of]))
  assert.deepEqual(
    judged.filter((one) => caught.includes(one.mutant) && one.fate.kind !== 'caught'),
    [],
  )
  const proof = fate.get(equivalent.name)
  assert.ok(proof?.kind === 'equivalent' && proof.states > 10, JSON.stringify(proof))
  assert.equal(fate.get(broken.name)?.kind, 'broken')
  assert.equal(fate.get(untouched.name)?.kind, 'unreached')
  assert.equal(fate.get(unnoticed.name)?.kind, 'survived')
  assert.deepEqual(
    control.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`])),
    [],
  )
  // Every case that has caught a mutant is asked again without one.
  assert.deepEqual(new Set(control.map((result) => result.case.name)), catching)
  const score = scoreOf({ run: { judged, left: [], control, caught: catching }, questions, overHttp: [], seconds: 1 })
  assert.deepEqual([score.caught, score.equivalent, score.broken, score.unreached, score.survived], [caught.length, 1, 1, 1, 1])
  const idle = score.idle.find(({ family }) => family === 'events')
  assert.ok(idle !== undefined && idle.idle < idle.cases && idle.names.length === idle.idle, JSON.stringify(idle))
  const claim = mutationClaim(score, { file: 'design.ts', command: '' })
  assert.equal(claim.result.verdict, 'undecided')
  assert.equal(claim.denominator.open, 3)
})

const skip = !IS_FULL && 'plans and migrates the shop: npm run test:long'

test('defects of the shop that only one kind of case notices are caught', { skip }, async (t) => {
  const shop = await load('examples/shop')
  const planned = allCasesOf(shop.design, shop.model, 'x')
  const catching = new Map([
    ['mutants/unique-dropped/User/code', 'answers/User.update/409-taken-2/rest'],
    ['mutants/set-overridden/Webhook.owner', 'security/F203/Webhook/owner/create'],
    ['mutants/index-dropped/Webhook/events', 'indexes/Webhook/0-events/having-events'],
    ['mutants/write-lost/Order/update', 'actions/Order.ship/auth.role=="staff"-true+from-paid/rest'],
    ['mutants/neighbour-written/Order/update', 'actions/Order.ship/auth.role=="staff"-true+from-paid/rest'],
    ['mutants/limit-moved/Category.slug/max-1', 'values/Category.slug/max/create'],
  ])
  const mutants = mutantsOf(shop.model, planned).filter(({ name }) => catching.has(name))
  assert.equal(mutants.length, catching.size)
  const asked = [...planned.cases, ...planned.probes].filter(({ name }) => [...catching.values()].includes(name))
  const { benches, close } = await openBenches({ model: shop.model, folder: temporaryFolder(t), databaseUrl: null, count: 1 })
  try {
    const { judged, control } = await runMutants(benches, { ...shop, plan: planned, questions: asked, mutants })
    const by = new Map(judged.map(({ mutant, fate }) => [mutant.name, fate.kind === 'caught' ? fate.by : fate]))
    assert.deepEqual(by, catching)
    assert.deepEqual(
      control.filter(({ wrong }) => wrong !== null),
      [],
    )
  } finally {
    await close()
  }
})

test('a control that fails makes the score void', () => {
  const [one] = plan.cases
  assert.ok(one !== undefined)
  const failed = {
    case: one,
    wrong: 'x',
    expected: { statuses: [200], why: '' },
    sent: { method: 'GET', url: '/' },
    status: 500,
    answer: '',
    ms: 1,
  }
  const mutant = named('mutants/operation-opened/Post.delete')
  const run = {
    judged: [{ mutant, fate: { kind: 'caught', by: one.name, cases: 1 } as const }],
    left: [],
    control: [failed],
    caught: new Set<string>(),
  }
  const claim = mutationClaim(scoreOf({ run, questions: [], overHttp: [], seconds: 1 }), { file: 'design.ts', command: '' })
  assert.equal(claim.result.verdict, 'undecided')
  assert.match(claim.open[0] ?? '', /score is void/)
})
