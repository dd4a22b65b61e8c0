import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../../design/read/read.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { casesOf } from '../../cases/cases-of.ts'
import { referenceOf } from '../../expected/reference.ts'
import type { WrittenDesign } from '../../expected/written-design.ts'
import { ruleMutants } from '../rules/rule-mutants.ts'
import { alikeByDesign } from './alike-by-design.ts'
import { statesAlike } from './equivalence.ts'

const ROOT = dirname(dirname(dirname(dirname(import.meta.dirname))))

/** The rule mutants that the design proves to change nothing, with what the states of the world say about them. */
async function provedOf(file: string): Promise<ReadonlyMap<string, number | string>> {
  const read = await readDesign(join(ROOT, file))
  assert.ok(read.ok)
  const design = read.design as WrittenDesign
  const model = resolveDesign(read.design, read.source).model ?? assert.fail(file)
  const plan = casesOf(design, model, 'hash')
  const claims = plan.plans.map(({ claim }) => claim)
  const proving = { reference: referenceOf(design, model, plan.world.rows), world: plan.world, claims }
  return new Map(
    ruleMutants(model, plan).flatMap(({ name, rule, doors }): readonly (readonly [string, number | string])[] => {
      const claim = claims.find(({ id }) => id === rule?.claim)
      if (rule === null || claim === undefined || doors !== null) return []
      const combinations = alikeByDesign(design, model, { kind: 'rule', ...claim }, { ...rule, source: claim.parsed.source, doors: null })
      return combinations === null ? [] : [[name, statesAlike(proving, claim, { rule, doors: null })]]
    }),
  )
}

const blog = await provedOf('examples/blog')

test('what the design proves to change nothing differs in no state of the world', async () => {
  for (const proved of [blog, await provedOf('test/verify/designs/library.yaml')]) {
    assert.ok(proved.size > 5, String(proved.size))
    assert.deepEqual(
      [...proved].filter(([, states]) => typeof states === 'string'),
      [],
    )
  }
})

test('the design proves that `to` repeats `from`, and not that an opened operation changes nothing', () => {
  const names = [...blog.keys()]
  assert.ok(names.includes('mutants/update-to-ignored/Post.update.to'), names.join())
  assert.ok(names.includes('mutants/missing-is-true/Post.update.from/author==auth.id'), names.join())
  assert.deepEqual(
    names.filter((name) => /operation-opened\/(?!Post.create)|operation-closed|atom-negated\/.*from/.test(name)),
    [],
  )
})
