/** Writes that must be refused for what they ask to be answered: a correct backend refuses them, and one that writes first is found. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ALWAYS } from '../../../src/model/expression.ts'
import type { Entity, Field, Model } from '../../../src/model/model.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { stageFor } from '../in-process.ts'
import { load, passwordHash } from '../loaded.ts'
import { defective, type ProxiedFault } from './proxied.ts'
import { WRITE_FAULTS } from './write-faults.ts'

const { design, model } = await load('examples/blog')
const plan = allCasesOf(design, model, await passwordHash())
const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})
const correct = await stageFor({ after: (end: unknown) => void ends.push(async () => (end as () => unknown)()) }, model)

async function found(stage: Stage, isAsked: (name: string) => boolean): Promise<readonly string[]> {
  const probes = plan.probes.filter(({ name }) => isAsked(name))
  assert.ok(probes.length > 0)
  const results = await runCases(stage, { design, model, plan, cases: [], probes })
  return results.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`]))
}

test('a correct backend has none of the faults of writes', async () => {
  const kinds = [...new Set(WRITE_FAULTS.map(({ only }) => only.split('/').at(3) ?? ''))]
  assert.deepEqual(await found(correct, (name) => kinds.some((kind) => name.includes(`/${kind}`))), [])
})

test('it is found that a replacement resets a field that its caller may not write', async (t) => {
  const isKept = (name: string): boolean => name.startsWith('security/F203/User/kept/')
  assert.deepEqual(await found(correct, isKept), [])
  const open = (entity: Entity): Entity => ({
    ...entity,
    fields: entity.fields.map((field) => (field.name === 'role' ? { ...field, write: ALWAYS } : field)),
  })
  const served = { ...model, entities: model.entities.map((entity) => (entity.name === 'User' ? open(entity) : entity)) }
  const faulty = await stageFor(t, served, { databaseUrl: correct.databaseUrl })
  const names = await found(faulty, isKept)
  assert.ok(
    names.some((name) => /kept\/replace-\d: role is another one/.test(name)),
    names.join('\n') || 'nothing is found',
  )
})

test('it is found that a body sets a secret that nobody may write', async (t) => {
  const notices = await load('test/verify/designs/notices.yaml')
  const own = allCasesOf(notices.design, notices.model, await passwordHash())
  const open = (field: Field): Field => (field.name === 'secret' ? { ...field, write: ALWAYS } : field)
  const entities = notices.model.entities.map((entity) => ({ ...entity, fields: entity.fields.map(open) }))
  const probes = own.probes.filter(({ name }) => /^security\/F203\/\w+\/secret\//.test(name))
  const wrong = async (served: Model): Promise<readonly string[]> => {
    const results = await runCases(await stageFor(t, served), { ...notices, plan: own, cases: [], probes })
    return results.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`]))
  }
  assert.deepEqual(await wrong(notices.model), [])
  const names = await wrong({ ...notices.model, entities })
  for (const way of ['create: status 201', 'patch: status 200'])
    assert.ok(
      names.some((name) => name.includes(`secret/${way}`)),
      names.join('\n') || 'nothing is found',
    )
})

test('it is found that an action reads a number of its input as a double', async (t) => {
  const bank = await load('test/actions/designs/bank.yaml')
  const own = allCasesOf(bank.design, bank.model, await passwordHash())
  const stage = await stageFor(t, bank.model)
  const probes = own.probes.filter(({ name }) => name.startsWith('values/inputs/transfer'))
  const wrong = async (on: Stage): Promise<string> => {
    const results = await runCases(on, { ...bank, plan: own, cases: [], probes })
    return results.flatMap((result) => result.wrong ?? []).join()
  }
  assert.equal(await wrong(stage), '')
  const ask: Stage['ask'] = (asked) =>
    stage.ask(asked.body === undefined ? asked : { ...asked, body: JSON.parse(JSON.stringify(asked.body)) })
  assert.match(await wrong({ ...stage, ask }), /number-\S+ .*status (?:20\d|422), expected 400/)
})

for (const fault of WRITE_FAULTS satisfies readonly ProxiedFault[])
  test(`it is found that ${fault.what}`, async () => {
    const names = await found(defective(correct, fault), (name) => name.startsWith(fault.only))
    assert.ok(
      names.some((name) => fault.named.test(name)),
      names.join('\n') || 'nothing is found',
    )
  })
