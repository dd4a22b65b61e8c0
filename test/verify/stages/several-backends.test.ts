/** A run that asks several backends of one design at once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { stageFor, stageOfTwo } from '../in-process.ts'
import { load, passwordHash } from '../loaded.ts'

/** A stage, and how many requests it gets. */
function counted(stage: Stage): { readonly stage: Stage; readonly asked: () => number } {
  let asked = 0
  const ask: Stage['ask'] = (sent) => {
    asked++
    return stage.ask(sent)
  }
  return { asked: () => asked, stage: { ...stage, ask } }
}

test('several backends share the cases: each is asked once, and a fault of any of them is found', async (t) => {
  const { design, model } = await load('test/verify/designs/library.yaml')
  const plan = allCasesOf(design, model, await passwordHash())
  const cases = plan.cases.filter(({ claim }) => claim.startsWith('access/Book.'))
  const probes = plan.probes.filter(({ claim }) => claim.startsWith('races/') || claim === 'security/logs')
  assert.ok(probes.some(({ last }) => last === true) && probes.some(({ claim }) => claim.startsWith('races/')))
  const [first, second] = [counted(await stageOfTwo(t, model)), counted(await stageFor(t, model))]
  const order: string[] = []
  const results = await runCases(first.stage, {
    ...{ design, model, plan, cases, probes, further: [second.stage] },
    onResult: (result) => order.push(result.case.claim),
  })
  assert.deepEqual(
    results.map((result) => result.case.name),
    [...cases, ...probes].map(({ name }) => name),
  )
  assert.deepEqual(
    results.filter(({ wrong }) => wrong !== null),
    [],
  )
  assert.ok(first.asked() > 20 && second.asked() > 20, `${first.asked()} and ${second.asked()} requests`)
  assert.equal(order.at(-1), 'security/logs')
  const silent: Stage = { ...second.stage, ask: async (sent) => ({ ...(await second.stage.ask(sent)), status: 404 }) }
  const found = await runCases(first.stage, { design, model, plan, cases: cases.slice(0, 40), further: [silent] })
  assert.ok(found.some(({ wrong }) => wrong !== null))
})
