/** Files: a correct backend keeps them from callers who may not read or change their rows, and defects are noticed. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { answerBook } from '../../../src/verify/contract/answer-book.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { stageFor } from '../in-process.ts'
import { load, passwordHash } from '../loaded.ts'
import { firstOfEach, groupOfCases } from '../planted/first-of-each.ts'
import { FILE_FAULTS } from './file-faults.ts'
import { defective } from './proxied.ts'

const { design, model } = await load('test/verify/designs/albums.yaml')
const plan = allCasesOf(design, model, await passwordHash())
const ends: (() => unknown)[] = []
let stage: Stage
before(async () => {
  stage = await stageFor({ after: (end: unknown) => void ends.push(end as () => unknown) }, model)
})
after(async () => {
  for (const end of ends) await end()
})

/** What the cases with these names find. */
async function found(on: Stage, isAsked: (name: string) => boolean): Promise<readonly string[]> {
  const probes = plan.probes.filter(({ name }) => isAsked(name))
  assert.ok(probes.length > 0)
  const results = await runCases(on, { design, model, plan, cases: [], probes, book: answerBook(model) })
  return results.flatMap(({ case: { name }, wrong }) => (wrong === null ? [] : [`${name}: ${wrong}`]))
}

test('a correct backend has none of the faults, and its document describes all that it answers', async () => {
  const asked = new Set(FILE_FAULTS.map(({ only }) => only))
  assert.deepEqual(await found(stage, (name) => asked.has(name)), [])
})

for (const fault of firstOfEach(FILE_FAULTS, ({ only }) => groupOfCases(only)))
  test(`it is found that ${fault.what}`, async () => {
    const names = await found(defective(stage, fault, plan.world.accounts), (name) => name === fault.only)
    assert.ok(
      names.some((name) => fault.named.test(name)),
      names.join('\n') || 'nothing is found',
    )
  })
