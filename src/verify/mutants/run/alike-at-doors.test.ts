import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../../design/read/read.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { entityNamed } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import { type CasePlan, casesOf } from '../../cases/cases-of.ts'
import { FIELD_READ_DOORS, READ_DOORS } from '../../cases/doors.ts'
import { statesOf } from '../../cases/questions.ts'
import type { RuleClaim } from '../../cases/rule-claims.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { type ReferenceBackend, referenceOf } from '../../expected/reference.ts'
import type { WrittenDesign, WrittenEntity } from '../../expected/written-design.ts'
import type { Mutant } from '../mutant.ts'
import { ruleMutants } from '../rules/rule-mutants.ts'
import { alikeAtDoors } from './alike-at-doors.ts'

/** Of so many proofs, one is tried, unless `PLINTH_FULL` is 1. */
const STRIDE = process.env.PLINTH_FULL === '1' ? 1 : 4
const ROOT = join(import.meta.dirname, '../../../..')

interface Lost {
  readonly mutant: Mutant
  readonly door: string
  readonly claim: RuleClaim
  readonly proved: boolean
}

interface Judging {
  readonly reference: ReferenceBackend
  readonly plan: CasePlan
}

async function load(file: string) {
  const read = await readDesign(join(ROOT, file))
  assert.ok(read.ok)
  const design = read.design as WrittenDesign
  const model = resolveDesign(read.design, read.source).model ?? assert.fail(file)
  const plan = casesOf(design, model, 'hash')
  const claims = plan.plans.map(({ claim }) => claim)
  const lost = ruleMutants(model, plan).flatMap((mutant): readonly Lost[] => {
    const { doors, rule } = mutant
    const claim = claims.find(({ id }) => id === rule?.claim)
    if (doors?.length !== 1 || rule === null || claim === undefined) return []
    const proved = alikeAtDoors(design, model, { kind: 'rule', ...claim }, { ...rule, source: claim.parsed.source, doors }) !== null
    return [{ mutant, door: doors[0] ?? '', claim, proved }]
  })
  return { design, model, plan, lost }
}

const shop = await load('examples/shop')

function opened(entity: WrittenEntity, { use }: RuleClaim): WrittenEntity {
  if (use.kind === 'operation') return { ...entity, access: { ...entity.access, [use.rule]: 'true' } }
  const { [use.of]: _, ...field } = entity.fields[use.field] ?? { type: '' }
  return { ...entity, fields: { ...entity.fields, [use.field]: field } }
}

/** What is asked at a door: in every state, and by its cases. */
function asked({ reference, plan }: Judging, { mutant, door: name, claim }: Lost): readonly Pick<Case, 'user' | 'request'>[] {
  const { use } = claim
  const doors = use.kind === 'field' ? FIELD_READ_DOORS : use.rule === 'read' ? READ_DOORS : []
  const door = doors.find((one) => one.name === name)
  const states = statesOf({ reference, world: plan.world }, claim).flatMap((state) => {
    const { user } = state
    const entity = entityNamed(reference.model, claim.entity)
    const field = use.kind === 'field' ? use.field : null
    const request = door?.request({ reference, user, sight: reference.sightOf(user), entity, state, field }) ?? null
    return request === null ? [] : [{ user, request }]
  })
  return [...states, ...plan.cases.filter((one) => mutant.claims.includes(one.claim) && one.door === name)]
}

test('where the design proves that a lost rule refuses nothing at a door, the oracle expects the same with and without it', async () => {
  for (const { design, model, plan, lost } of [shop, await load('examples/blog'), await load('test/verify/designs/library.yaml')]) {
    const reference = referenceOf(design, model, plan.world.rows)
    for (const one of lost.filter(({ proved }) => proved).filter((_, i) => i % STRIDE === 0)) {
      const { entity } = one.claim
      const own = design.entities[entity] ?? assert.fail(entity)
      const open = { ...design, entities: { ...design.entities, [entity]: opened(own, one.claim) } }
      const without = referenceOf(open, model, plan.world.rows)
      const requests = asked({ reference, plan }, one)
      assert.ok(requests.length > 0, one.mutant.name)
      for (const { user, request } of requests) {
        const outcome = (of: ReferenceBackend): unknown => {
          const { statuses, body, list, change } = expectationOf(of, user, request)
          return { statuses, body, list, change }
        }
        assert.deepEqual(outcome(without), outcome(reference), one.mutant.name)
      }
    }
  }
})

test('the rule of a row is not needed where whoever reads the row that leads to it may read it', () => {
  const proved = new Set(shop.lost.filter((one) => one.proved).map(({ mutant }) => mutant.name.slice('mutants/'.length)))
  const [read, write, field] = ['read-rule-lost-at-door', 'write-rule-lost-at-door', 'field-read-lost-at-door']
  for (const name of [
    `${read}/Order.read/include-one`,
    `${read}/Order.read/graphql-nested`,
    `${read}/Payment.read/include-one`,
    `${read}/Payment.read/put`,
    `${read}/Booking.read/patch`,
    `${write}/CartItem.create/graphql-many-second`,
    `${field}/Order.tracking.read/filter-reference`,
  ])
    assert.ok(proved.has(name), `${name} is not proved`)
  for (const door of ['patch', 'put', 'delete', 'reference']) assert.ok(proved.has(`${read}/Product.read/${door}`), door)
  for (const door of ['patch', 'include-many', 'filter-relation']) assert.ok(proved.has(`${read}/Variant.read/${door}`), door)
  assert.ok(proved.has(`${write}/Category.create/upsert`) && proved.has(`${field}/Variant.stock.read/answer-to-patch`))
  // A partner reads the order and not its customer; a change of a hidden account is refused in other words than one of a visible account.
  for (const name of [
    `${read}/User.read/include-one`,
    `${read}/User.read/patch`,
    `${read}/Order.read/get`,
    `${read}/Product.read/include-many`,
  ])
    assert.ok(!proved.has(name), `${name} is proved`)
})
