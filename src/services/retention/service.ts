/** The end of rows that are older than their entity keeps them, as a service of a backend. */

import { empty, ident, join, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import type { Retention } from '../../model/parts/retention.ts'
import type { Service, SweepDeps } from '../service.ts'

/** The most rows of an entity that one statement deletes. */
const BATCH = 500

/** Whether rows may be deleted at a moment. Hours that end before they begin go over midnight. */
export function isDue({ hours }: Retention, now: number): boolean {
  if (hours === null) return true
  const hour = new Date(now).getUTCHours()
  return hours.from <= hours.to ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to
}

/** Deletes old rows of the entities with `retention`. It has no tables of its own. */
export function retentionService(model: Model): Service {
  return {
    name: 'retention',
    isUsedBy: ({ entities }) => entities.some(({ retention }) => retention !== undefined),
    tables: [],
    sweep: (deps) => deleteOldRows(model, deps),
  }
}

/** Deletes a batch of old rows of each entity, and returns how many there were. @throws the driver's error */
export async function deleteOldRows(model: Model, { run, now }: SweepDeps): Promise<number> {
  let deleted = 0
  for (const entity of model.entities) {
    const { retention } = entity
    if (retention === undefined || !isDue(retention, now())) continue
    const values = { seconds: retention.afterMs / 1000, most: BATCH }
    const [[count] = []] = await run({ name: `retention ${entity.name}`, sql: deleteSql(model, entity) }, values)
    deleted += Number(count ?? 0)
  }
  return deleted
}

/**
 * Deletes the oldest rows first. A row stays as long as others refer to it with `restrict`: it goes in the hour after they have gone. Rows
 * that somebody else has locked are left to the next batch. What refers to it with `cascade` or `setNull` follows, as with every deletion.
 */
function deleteSql(model: Model, entity: Entity): Sql {
  const column = (name: string): Sql => ident(fieldNamed(entity, name).column)
  const referring = model.entities.flatMap((other) =>
    other.fields.flatMap((field) => {
      if (field.type.kind !== 'ref' || field.type.entity !== entity.name || field.type.onDelete !== 'restrict') return []
      return [sql`not exists (select from ${ident(other.table)} o where o.${ident(field.column)} = t.${column('id')})`]
    }),
  )
  const isOld = sql`t.${column('createdAt')} < now() - ${slot('seconds', 'double precision')} * interval '1 second'`
  return sql`with old as materialized (select t.${column('id')} as id from ${ident(entity.table)} t
      where ${join([isOld, ...referring], ' and ', empty)} order by t.${column('createdAt')} limit ${slot('most', 'integer')} for update skip locked),
    gone as (delete from ${ident(entity.table)} t using old where t.${column('id')} = old.id returning 1)
    select count(*) from gone`
}
