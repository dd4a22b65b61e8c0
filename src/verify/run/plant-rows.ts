/** Gives a case rows of its own. They are put back with all others after the case. */

import type { Model } from '../../model/model.ts'
import type { Connection } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { PlantedRows } from '../cases/probe.ts'
import { fieldsInTable, insertSql, isLater, parentsFirst, recordsOf, recordsText, tableOf } from './rows.ts'

/** Takes rows away, inserts new ones and changes others, in one transaction. @throws the refusal of PostgreSQL */
export async function plantRows(client: Connection, model: Model, { put, removed }: PlantedRows): Promise<void> {
  const order = parentsFirst(model)
  await client.query('begin')
  try {
    for (const entity of order.toReversed()) {
      const ids = removed.get(entity.name) ?? []
      if (ids.length > 0) await client.query(`delete from ${tableOf(entity)} t where t.id::text = any($1)`, [ids])
    }
    const used = order.filter(({ name }) => (put.get(name) ?? []).length > 0)
    for (const entity of used)
      await client.query(`${insertSql(entity, (field) => !isLater(order, entity, field))} on conflict (id) do nothing`, [
        recordsText(entity, put),
      ])
    for (const entity of used) {
      const columns = fieldsInTable(entity).filter(({ name }) => name !== 'id')
      const changes = columns.map(({ column }) => `${quoted(column)} = r.${quoted(column)}`).join(', ')
      await client.query(`update ${tableOf(entity)} t set ${changes} from ${recordsOf(entity)} r where t.id = r.id`, [
        recordsText(entity, put),
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Takes away all jobs, so that one with the same unique inputs is added again. */
export async function forgetJobs(client: Connection): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('plinth.jobs') is not null as there`)
  if (rows[0]?.there === true) await client.query('delete from plinth.jobs')
}
