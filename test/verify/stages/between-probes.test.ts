/** What a probe leaves behind does not change the outcome of those that come later. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withClient } from '../../../src/postgres/connect.ts'
import type { WrittenDesign } from '../../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import { modelOf } from '../../support/resolved.ts'
import { stageFor } from '../in-process.ts'
import { passwordHash } from '../loaded.ts'

const DESIGN = {
  name: 'notes',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
      fields: { id: { type: 'integer' }, email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
    Note: {
      softDelete: true,
      fields: { text: { type: 'text', max: 50 }, owner: { type: 'ref', entity: 'User', inverse: 'notes', set: 'auth.id' } },
      access: { read: 'true', create: 'auth.id != null', update: 'owner == auth.id', delete: 'owner == auth.id' },
    },
  },
} as const

test('a login that was locked is free again, and a row of an account with a number is made and deleted softly at each place', async (t) => {
  const design = DESIGN as unknown as WrittenDesign
  const model = modelOf(DESIGN)
  const plan = allCasesOf(design, model, await passwordHash())
  const probes = plan.probes.filter(
    ({ name, goals }) =>
      name === 'identity/sign-in/locked/login' || (name.includes('/Note/') && goals.some((goal) => /^parts\/(create|delete)-/.test(goal))),
  )
  assert.equal(probes.length, 3)
  const stage = await stageFor(t, model)
  const results = await runCases(stage, { design, model, plan, cases: [], probes })
  assert.deepEqual(
    results.map(({ wrong }) => wrong),
    [null, null, null],
  )
  await withClient(stage.databaseUrl, async (client) => {
    assert.deepEqual((await client.query('select 1 from plinth.login_attempts')).rows, [])
  })
})
