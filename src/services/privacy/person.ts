/** Finds the row of a person, and all rows that are about the person or go with them. */

import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run } from '../../base/sql/statement.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { arrayLiteral, encodeJson, encodeText } from '../../compile/values/encode.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { erasureBehind, type Fate, type ReachedReference, reachedReferences, subjectFate } from '../../model/privacy/erasure.ts'

/** A person: a row of the design. */
export interface Person {
  readonly entity: string
  readonly id: string
}

/** What happens to a row, and whether it is about the person or about somebody else. */
export interface RowFate {
  readonly fate: Fate
  readonly about: 'person' | 'other'
}

/** Rows with a reference that an erasure changes, leaves or stops at. */
export interface ReferringRows {
  readonly entity: Entity
  readonly field: Field
  readonly ids: ReadonlySet<string>
}

/** What an erasure of a person does. */
export interface ErasureReach {
  readonly person: Person
  /** By entity, then by the id of the row. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, RowFate>>
  readonly unlinked: readonly ReferringRows[]
  readonly kept: readonly ReferringRows[]
  /** Rows that stand against the erasure. */
  readonly refused: readonly ReferringRows[]
}

/**
 * Finds a person by id, or by the login of an account.
 *
 * @returns null if there is no such row.
 */
export async function findPerson(
  run: Run,
  model: Model,
  { entity, of }: { readonly entity: Entity; readonly of: string },
): Promise<Person | null> {
  const id = fieldNamed(entity, 'id')
  const login = model.identity?.entity === entity.name ? fieldNamed(entity, model.identity.login) : null
  for (const field of login === null ? [id] : [login, id]) {
    const encoded = field === login ? encodeJson(field.type, of) : encodeText(field.type, of)
    if (!encoded.ok) continue
    const statement = sql`select t.${ident(id.column)}::text from ${ident(entity.table)} t
      where t.${ident(field.column)} = ${slot('value', columnType(field.type))}`
    const [row] = await run({ name: 'privacy.person', sql: statement }, { value: encoded.value })
    if (row !== undefined) return { entity: entity.name, id: row[0] ?? '' }
  }
  return null
}

/**
 * Follows the references from the row of a person, and locks every row that it finds, so that no row is added behind them meanwhile.
 *
 * @throws the driver's error
 */
export async function reachOf(run: Run, model: Model, person: Person): Promise<ErasureReach> {
  const references = reachedReferences(model, person.entity)
  const rows = new Map<string, Map<string, RowFate>>()
  const found: Record<'unlinked' | 'kept' | 'refused', ReferringRows[]> = { unlinked: [], kept: [], refused: [] }
  const waiting: Batch[] = []
  const add = (entity: string, ids: Iterable<string>, row: RowFate): void => {
    const own = rows.get(entity) ?? new Map<string, RowFate>()
    rows.set(entity, own)
    const news = [...ids].filter((id) => isNews(own.get(id), row))
    for (const id of news) own.set(id, { fate: row.fate, about: own.get(id)?.about === 'person' ? 'person' : row.about })
    if (news.length > 0) waiting.push({ entity, ids: news, row })
  }
  const subject = entityNamed(model, person.entity)
  await lockRows(run, { entity: subject, field: fieldNamed(subject, 'id') }, [person.id])
  add(person.entity, [person.id], { fate: subjectFate(subject), about: 'person' })
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    const { entity: target, ids, row } = batch
    for (const reference of references.filter((one) => one.target === target)) {
      const referring = new Set(await lockRows(run, reference, ids))
      if (referring.size === 0) continue
      const about = row.about === 'person' ? reference.about : 'other'
      const erasure = erasureBehind(model, { ...reference, about }, row.fate)
      const these = { entity: reference.entity, field: reference.field, ids: referring }
      if (erasure === 'delete' || erasure === 'empty') add(reference.entity.name, referring, { fate: erasure, about })
      if (erasure === 'unlink' || (erasure === 'empty' && row.fate === 'delete')) found.unlinked.push(these)
      if (erasure === 'keep') found.kept.push(these)
      if (erasure === 'refuse') found.refused.push(these)
    }
  }
  // A row that is deleted for another reason is neither unlinked nor kept, and refuses nothing.
  const remaining = (list: readonly ReferringRows[]): readonly ReferringRows[] =>
    list
      .map(({ entity, field, ids }) => ({
        entity,
        field,
        ids: new Set([...ids].filter((id) => rows.get(entity.name)?.get(id)?.fate !== 'delete')),
      }))
      .filter(({ ids }) => ids.size > 0)
  return { person, rows, unlinked: remaining(found.unlinked), kept: remaining(found.kept), refused: remaining(found.refused) }
}

interface Batch {
  readonly entity: string
  readonly ids: readonly string[]
  readonly row: RowFate
}

/** A row whose fate gets worse is followed again; one that turns out to be about the person, too. */
function isNews(known: RowFate | undefined, { fate, about }: RowFate): boolean {
  if (known === undefined) return true
  return (known.fate === 'empty' && fate === 'delete') || (known.about === 'other' && about === 'person' && known.fate === fate)
}

/** Locks the rows whose field has one of these values, and gives their ids. */
async function lockRows(
  run: Run,
  { entity, field }: Pick<ReachedReference, 'entity' | 'field'>,
  values: readonly string[],
): Promise<readonly string[]> {
  const type = `${columnType(field.type)}[]`
  const statement = sql`select t.${ident(fieldNamed(entity, 'id').column)}::text from ${ident(entity.table)} t
    where t.${ident(field.column)} = any (${slot('values', type)}) order by 1 for update`
  const rows = await run({ name: 'privacy.rows', sql: statement }, { values: arrayLiteral(values) })
  return rows.map(([id]) => id ?? '')
}

/** The ids of an entity's rows that an erasure deletes, or empties. */
export function idsWith({ rows }: Pick<ErasureReach, 'rows'>, entity: string, wanted: Fate): readonly string[] {
  return [...(rows.get(entity) ?? [])].flatMap(([id, { fate }]) => (fate === wanted ? [id] : []))
}

/** The ids of an entity's rows that are about the person. */
export function idsAbout({ rows }: Pick<ErasureReach, 'rows'>, entity: string): readonly string[] {
  return [...(rows.get(entity) ?? [])].flatMap(([id, { about }]) => (about === 'person' ? [id] : []))
}
