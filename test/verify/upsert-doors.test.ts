/** Upserts as a door of access: correct ones, and ones that forget a rule or say the wrong thing. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ALWAYS } from '../../src/model/expression.ts'
import type { Access, Model } from '../../src/model/model.ts'
import { casesOf } from '../../src/verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { Stage } from '../../src/verify/run/stage.ts'
import { modelFrom } from '../support/backend.ts'
import { stageFor } from './in-process.ts'

const written = {
  name: 'tags',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role', takenLogin: 'conflict' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
      },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
    Tag: {
      fields: { label: { type: 'text', unique: true }, open: { type: 'boolean', default: false }, note: { type: 'text', default: '' } },
      access: { read: 'true', create: 'open || auth.role == "admin"', update: 'open || auth.role == "admin"', delete: 'false' },
    },
  },
}
const design: WrittenDesign = written
const model = modelFrom(written)
const plan = casesOf(design, model, 'x')
const cases = plan.cases.filter(({ api }) => api === 'upsert')

const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})
const t = { after: (end: unknown) => void ends.push(end as () => unknown) }

async function found(stage: Stage): Promise<readonly string[]> {
  const results = await runCases(stage, { design, model, plan, cases })
  return results.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`]))
}

const opened = (change: Partial<Access>): Model => ({
  ...model,
  entities: model.entities.map((entity) => ({ ...entity, access: { ...entity.access, ...change } })),
})

const correct = await stageFor(t, model)

test('upserts create and change exactly what the rules allow', async () => {
  assert.ok(cases.some(({ request }) => request.kind === 'create') && cases.some(({ request }) => request.kind === 'update'))
  assert.deepEqual(await found(correct), [])
})

for (const [what, change, named] of [
  ['of updates', { update: { from: ALWAYS, to: ALWAYS } }, /^access\/Tag\.update\.(?:from|to)\/.*\/upsert: status 200, expected 403/],
  ['of creates', { create: ALWAYS }, /^access\/Tag\.create\/.*\/upsert: status 201, expected 403/],
] as const)
  test(`an upsert that does not ask the rule ${what} is found`, async () => {
    const all = await found(await stageFor(t, opened(change)))
    assert.ok(
      all.some((one) => named.test(one)),
      all.join('\n') || 'nothing was found',
    )
  })

test('an upsert that says that it has created a row which was there is found', async () => {
  const ask: Stage['ask'] = async (sent) => {
    const answer = await correct.ask(sent)
    const turned = answer.text.replaceAll('"created":false', '"created":true')
    return turned === answer.text ? answer : { ...answer, text: turned, json: JSON.parse(turned) }
  }
  assert.ok((await found({ ...correct, ask })).some((one) => one.includes('status 599')))
})
