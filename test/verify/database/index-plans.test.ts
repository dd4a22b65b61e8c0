/** An index that a design declares is found, also where PostgreSQL reads few rows in the order of another index. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withClient } from '../../../src/postgres/connect.ts'
import { referenceOf } from '../../../src/verify/expected/reference.ts'
import type { WrittenDesign } from '../../../src/verify/expected/written-design.ts'
import { indexCases } from '../../../src/verify/families/database/index-cases.ts'
import { listPlan } from '../../../src/verify/run/index-plan.ts'
import { migratedDatabase } from '../../support/database.ts'
import { modelOf } from '../../support/resolved.ts'

const DESIGN = {
  name: 'organisations',
  entities: {
    Organisation: {
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      fields: { name: { type: 'text', max: 100, unique: true }, active: { type: 'boolean', default: true } },
      indexes: [
        ['active', 'name'],
        ['active', '-createdAt'],
      ],
    },
  },
} as const

test('a declared index counts where another one gives the order of few rows, and a missing one is found', async () => {
  const model = modelOf(DESIGN)
  const rows = new Map([['Organisation', [{ id: '01900000-0000-7000-8000-000000000001', active: true, name: 'x' }]]])
  const world = { rows, accounts: [], capped: new Set<string>(), empty: new Map(), mentions: new Map() }
  const [family] = indexCases({ reference: referenceOf(DESIGN as unknown as WrittenDesign, model, rows), world })
  const database = await migratedDatabase(model)
  try {
    await withClient(database.url, async (client) => {
      await client.query("insert into organisations (name, active) select 'name ' || i, true from generate_series(1, 30) i")
      await client.query('analyze organisations')
      const asked = async () => {
        const outcomes = []
        for (const probe of family?.probes ?? []) {
          const { wrong, answer } = await probe.ask({ planOf: (list: Parameters<typeof listPlan>[1]) => listPlan(client, list) } as never)
          outcomes.push([probe.goals[0], wrong, JSON.parse(answer.text).indexes.length])
        }
        return outcomes
      }
      assert.deepEqual(await asked(), [
        ['active+name', null, 1],
        ['active+-createdAt', null, 1],
      ])
      const { rows: indexes } = await client.query<{ indexname: string }>(
        "select indexname from pg_indexes where tablename = 'organisations' and indexdef like '%(active, name%'",
      )
      for (const { indexname } of indexes) await client.query(`drop index ${indexname}`)
      assert.deepEqual(await asked(), [
        ['active+name', 'no index is read by active', 1],
        ['active+-createdAt', null, 1],
      ])
    })
  } finally {
    await database.drop()
  }
})
