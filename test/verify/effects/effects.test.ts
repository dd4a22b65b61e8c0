/** The effects of actions: what their cases show, and defects in steps that they notice. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBenches } from '../../../src/commands/verifying/open-benches.ts'
import { casesOf } from '../../../src/verify/cases/cases-of.ts'
import type { ProbeTools } from '../../../src/verify/cases/probe.ts'
import { effectCases } from '../../../src/verify/effects/effect-cases.ts'
import { referenceOf } from '../../../src/verify/expected/reference.ts'
import { stepMutants } from '../../../src/verify/mutants/rules/step-mutants.ts'
import { runMutants } from '../../../src/verify/mutants/run/run-mutants.ts'
import { temporaryFolder } from '../../support/command-line.ts'
import { load } from '../loaded.ts'
import { IS_FULL } from '../planted/first-of-each.ts'

const skip = !IS_FULL && 'plans the shop: npm run test:long'

test('the cases of the shop show each step and each condition of its checkout', { skip }, async () => {
  const { design, model } = await load('examples/shop')
  const plan = casesOf(design, model, 'x')
  const { families, left } = effectCases({ reference: referenceOf(design, model, plan.world.rows), world: plan.world }, 'x')
  const checkout = families.find(({ plan: { id } }) => id === 'effects/checkout') ?? assert.fail('no cases of checkout')
  assert.deepEqual(checkout.plan.untested, [])
  const shown = ['checkout/done', 'checkout.2/refused', 'checkout.6/refused', 'checkout.8/several', 'checkout.11/done']
  assert.deepEqual(
    shown.filter((goal) => !checkout.plan.asked.includes(goal)),
    [],
  )
  assert.ok(left.some(({ what, why }) => what === 'effects of Order.pay' && why === 'they are code'))
})

test('a case whose rows the database refuses says so, and fails nothing', async () => {
  const { design, model } = await load('test/actions/designs/shop.yaml')
  const plan = casesOf(design, model, 'x')
  const { families } = effectCases({ reference: referenceOf(design, model, plan.world.rows), world: plan.world }, 'x')
  const plant = (): Promise<never> => Promise.reject(new Error('a check does not hold'))
  const outcomes = await Promise.all(
    families.flatMap(({ probes }) => probes).map((probe) => probe.ask({ plant } as unknown as ProbeTools).catch(() => null)),
  )
  const left = outcomes.flatMap((outcome) => Object.values(outcome?.left ?? {}))
  assert.ok(left.length > 0)
  assert.ok(left.every((why) => why.includes('a check does not hold')))
})

test('each defect in the steps of a shop is noticed', async (t) => {
  const { design, model } = await load('test/actions/designs/shop.yaml')
  const plan = casesOf(design, model, 'x')
  const { families } = effectCases({ reference: referenceOf(design, model, plan.world.rows), world: plan.world }, 'x')
  const questions = families.flatMap(({ probes }) => probes)
  const mutants = stepMutants(model, new Set(families.map(({ plan: { id } }) => id)))
  const { benches, close } = await openBenches({ model, folder: temporaryFolder(t), databaseUrl: null, count: 1 })
  try {
    const { judged } = await runMutants(benches, { design, model, plan, questions, mutants })
    assert.ok(judged.length >= 6, String(judged.length))
    assert.deepEqual(
      judged.filter(({ fate }) => fate.kind !== 'caught').map(({ mutant, fate }) => `${mutant.name} ${fate.kind}`),
      [],
    )
  } finally {
    await close()
  }
})
