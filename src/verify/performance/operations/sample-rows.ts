/** The rows and callers of a load, taken from the tables. */

import { type Entity, fieldNamed, type Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import type { SampledRow } from './load-operations.ts'

/** An account or an anonymous caller. */
export interface LoadCaller {
  /** `anonymous`, the role, or `signed in`. */
  readonly label: string
  /** The id of the account; null for an anonymous caller. */
  readonly id: string | null
}

/** How many rows of an entity take part. */
const ROWS = 4_000
/** Rows of the chosen callers. */
const OWNED = 1_000
const OF_ROLE = 4
const OWNERS = 12

/** Rows of an entity in a random order, the same for the same seed. Rows that belong to one of `accounts` are among them. */
export async function sampleRows(
  client: Connection,
  { model, entity, seed }: { readonly model: Model; readonly entity: Entity; readonly seed: number },
  accounts: readonly string[],
): Promise<readonly SampledRow[]> {
  const table = `public.${quoted(entity.table)}`
  const names = shownFields(entity)
  const columns = names.map((name) => `${textOf(entity, name)} as ${quoted(name)}`).join(', ')
  const { rows: sizes } = await client.query<{ count: string }>(`select count(*) from ${table}`)
  const percent = Math.min(100, (ROWS * 130) / Math.max(1, Number(sizes[0]?.count ?? 1)))
  const live = entity.softDelete ? `${quoted(fieldNamed(entity, 'deletedAt').column)} is null` : 'true'
  const owners = ownersOf(model, entity).map((name) => quoted(fieldNamed(entity, name).column))
  const { rows } = await client.query<Record<string, string | null>>(
    `select ${columns} from ${table} t tablesample bernoulli (${percent}) repeatable (${seed}) where ${live}
      order by md5(t.id::text) limit ${ROWS}`,
  )
  if (owners.length === 0 || accounts.length === 0) return rows
  const { rows: owned } = await client.query<Record<string, string | null>>(
    `select ${columns} from ${table} t where ${live} and (${owners.map((owner) => `t.${owner}::text = any($1)`).join(' or ')}) limit ${OWNED}`,
    [accounts],
  )
  return [...new Map([...owned, ...rows].map((row) => [row.id, row])).values()]
}

/** Rows by their ids, in a random order. */
export async function rowsById(client: Connection, entity: Entity, ids: readonly (string | number)[]): Promise<readonly SampledRow[]> {
  const columns = shownFields(entity).map((name) => `${textOf(entity, name)} as ${quoted(name)}`)
  const { rows } = await client.query<Record<string, string | null>>(
    `select ${columns.join(', ')} from public.${quoted(entity.table)} t where id::text = any($1) order by md5(t.id::text)`,
    [ids.map(String)],
  )
  return rows
}

/** The fields that lead to an account. */
export function ownersOf({ identity }: Model, entity: Entity): readonly string[] {
  if (identity === null) return []
  const refs = entity.fields.filter(({ type }) => type.kind === 'ref' && type.entity === identity.entity).map(({ name }) => name)
  return entity.name === identity.entity ? ['id', ...refs] : refs
}

/** Anonymous, accounts of each role, and the accounts to which most rows lead. */
export function chooseCallers(
  model: Model,
  { accounts, rows }: { readonly accounts: readonly SampledRow[]; readonly rows: ReadonlyMap<string, readonly SampledRow[]> },
): readonly LoadCaller[] {
  const { identity } = model
  if (identity === null) return [{ label: 'anonymous', id: null }]
  const { role } = identity
  const labelOf = (row: SampledRow): string => (role === null ? 'signed in' : (row[role] ?? 'signed in'))
  const ofRoles = [...Map.groupBy(accounts, labelOf).values()].flatMap((own) => own.slice(0, OF_ROLE))
  const leads = new Map<string, number>()
  for (const entity of model.entities) {
    const owners = ownersOf(model, entity).filter((name) => name !== 'id')
    for (const row of rows.get(entity.name) ?? [])
      for (const name of owners) if (row[name] != null) leads.set(String(row[name]), (leads.get(String(row[name])) ?? 0) + 1)
  }
  const most = [...leads].toSorted(([, a], [, b]) => b - a).slice(0, OWNERS)
  const known = new Map(accounts.map((row) => [row.id, row]))
  const chosen = new Map<string, LoadCaller>()
  for (const row of ofRoles) if (row.id != null) chosen.set(row.id, { label: labelOf(row), id: row.id })
  for (const [id] of most) {
    const row = known.get(id)
    if (!chosen.has(id)) chosen.set(id, { label: row === undefined ? 'signed in' : labelOf(row), id })
  }
  return [{ label: 'anonymous', id: null }, ...chosen.values()]
}

/** The id, the references, the role, and the fields with which indexes begin. */
function shownFields(entity: Entity): readonly string[] {
  const first = entity.indexes.flatMap(({ parts }) => parts.slice(0, 1).map(({ field }) => field))
  const own = entity.fields.filter(({ type }) => type.kind === 'ref' || type.kind === 'choice').map(({ name }) => name)
  return [...new Set(['id', ...own, ...first])]
}

function textOf(entity: Entity, name: string): string {
  const { column, type } = fieldNamed(entity, name)
  return type.kind === 'list' ? `t.${quoted(column)}[1]::text` : `t.${quoted(column)}::text`
}
