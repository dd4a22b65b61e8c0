/**
 * Checks over relations: which rows they are about, which fields they read, and the SQL that locks, keeps and judges these rows. A row is
 * locked `for update` before its check is judged in a later statement. Others cannot insert a row that refers to it until the commit, and
 * each write of Plinth that changes or deletes such a row locks it first. So the judgement is exact under Read Committed.
 *
 * Source: PostgreSQL, "Explicit Locking", Row-Level Locks; "Transaction Isolation", Read Committed Isolation Level.
 */

import { memo, memoPair } from '../../../base/memo.ts'
import { empty, ident, join, literal, type Sql, sql, typeName } from '../../../base/sql/sql.ts'
import { BROKEN_CHECK, type Statement } from '../../../base/sql/statement.ts'
import type { RowSet } from '../../../model/expression.ts'
import { type Check, type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../../model/model.ts'
import { visitPredicate } from '../../../model/tree.ts'
import { rowScope, whenTrue } from '../../rules/predicate-sql.ts'
import { idColumn, idType, live } from '../../rules/term-sql.ts'
import { setAt } from '../../rules/write-rules.ts'

/** A reference by which the rows of `child` belong to a relation that a check looks at. */
export interface CheckLink {
  readonly child: string
  readonly via: string
}

/** An entity with checks over relations. */
export interface Checked {
  readonly entity: Entity
  readonly links: readonly CheckLink[]
  /** The fields that the checks read, by entity. If a check reads a computed field, all fields of its entity count as read. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>
}

/** The entities with checks over relations, each after those that it refers to, except in circles. Their rows are locked in this order. */
export const checkedEntities = memo((model: Model): readonly Checked[] =>
  referredFirst(model).flatMap((entity) => (entity.relationChecks.length === 0 ? [] : [checkedOf(model, entity)])),
)

function checkedOf(model: Model, entity: Entity): Checked {
  const links = new Map<string, CheckLink>()
  const reads = new Map<string, Set<string>>()
  const addSet = ({ entity: child, via }: RowSet): void => {
    if (via !== null) links.set(`${child}.${via}`, { child, via })
  }
  const addField = (name: string, field: string): void => {
    const of = entityNamed(model, name)
    const names = fieldNamed(of, field).type.kind === 'computed' ? of.fields.map((one) => one.name) : [field]
    reads.set(name, new Set([...(reads.get(name) ?? []), ...names]))
  }
  for (const { rule } of entity.relationChecks)
    visitPredicate(rule, {
      predicate: (p) => {
        if (p.kind === 'some' || p.kind === 'every') addSet(p.over)
      },
      term: (t) => {
        if (t.kind === 'count' || t.kind === 'aggregate') addSet(t.over)
        else if (t.kind === 'field') addField(t.row.entity, t.field)
      },
    })
  return { entity, links: [...links.values()], reads }
}

/** Sorts the entities: each comes after those that it refers to, except in circles. */
export function referredFirst(model: Model): readonly Entity[] {
  const ordered: Entity[] = []
  const seen = new Set<string>()
  const visit = (entity: Entity): void => {
    if (seen.has(entity.name)) return
    seen.add(entity.name)
    for (const { type } of entity.fields) if (type.kind === 'ref') visit(entityNamed(model, type.entity))
    ordered.push(entity)
  }
  for (const entity of model.entities) visit(entity)
  return ordered
}

/** Locks rows in the order of their ids. `ids` are queries of one column. */
export function lockRows(entity: Entity, ids: readonly Sql[]): Sql {
  const id = idColumn(entity)
  return sql`select t.${id} from ${ident(entity.table)} t where t.${id} in (${allOf(ids)}) order by t.${id} for update of t`
}

/** The beginning of the names of settings. Rows kept by an action are judged at its end, those kept by writes at the end of the request. */
export type KeptBy = 'plinth.checked' | 'plinth.written'

/** Locks rows and adds their ids to those whose checks are judged later in the transaction. */
export function keepRows(model: Model, entity: Entity, { by, ids }: { readonly by: KeptBy; readonly ids: readonly Sql[] }): Sql {
  const found = sql`${keptIds(model, entity, by)} || array(${lockRows(entity, ids)})`
  return sql`select set_config(${settingOf(model, entity, by)}, (${found})::text, true)`
}

/** A reference by which the rows of an entity belong to a relation that a check looks at, with the entity of the check. */
export interface Belonging {
  readonly entity: Entity
  readonly via: Field
}

/** The references by which rows of an entity belong to checked relations, and which a write of these fields changes. */
export function movedBy(model: Model, child: Entity, written: readonly string[]): readonly Belonging[] {
  return checkedEntities(model).flatMap(({ entity, links }) =>
    links.flatMap((link) => {
      if (link.child !== child.name) return []
      const via = fieldNamed(child, link.via)
      return written.includes(via.name) || setAt(via, 'update') !== null ? [{ entity, via }] : []
    }),
  )
}

/**
 * The value of a reference of the row `t` in an `on conflict do update`, which also adds what it held before to a setting. So the row that
 * it belonged to is known, also if another request has made the row `t` since the statement began.
 */
export function keepingLeft(model: Model, child: Entity, { via, value }: { readonly via: Field; readonly value: Sql }): Sql {
  const setting = leftSetting(model, child, via)
  const left = sql`concat_ws(',', nullif(current_setting(${setting}, true), ''), t.${ident(via.column)}::text)`
  return sql`case when set_config(${setting}, ${left}, true) is not null then ${value} end`
}

/** A query of the ids that `keepingLeft` has kept. */
export function idsLeft(model: Model, child: Entity, { entity, via }: Belonging): Sql {
  const ids = sql`string_to_array(nullif(current_setting(${leftSetting(model, child, via)}, true), ''), ',')`
  return sql`select l.id from unnest(${ids}::${typeName(`${idType(entity)}[]`)}) l(id)`
}

function leftSetting(model: Model, child: Entity, via: Field): Sql {
  return literal(`plinth.left_by_${model.entities.indexOf(entityNamed(model, child.name))}_${child.fields.indexOf(via)}`)
}

/** The ids in a setting of the transaction. */
export function idsIn(entity: Entity, setting: Sql): Sql {
  return sql`coalesce(nullif(current_setting(${setting}, true), ''), '{}')::${typeName(`${idType(entity)}[]`)}`
}

/** Whether a kept row breaks a check. */
export function breaksCheck(model: Model, entity: Entity, { by, rule }: { readonly by: KeptBy; readonly rule: Check['rule'] }): Sql {
  const t = sql`t`
  const isKept = sql`t.${idColumn(entity)} = any(${keptIds(model, entity, by)})${live(entity, t)}`
  const fails = sql`(${whenTrue(rule, rowScope(model, t))}) is not true`
  return sql`exists (select 1 from ${ident(entity.table)} t where ${isKept} and ${fails})`
}

function keptIds(model: Model, entity: Entity, by: KeptBy): Sql {
  return idsIn(entity, settingOf(model, entity, by))
}

function settingOf(model: Model, entity: Entity, by: KeptBy): Sql {
  return literal(`${by}_${model.entities.indexOf(entityNamed(model, entity.name))}`)
}

function allOf(ids: readonly Sql[]): Sql {
  return join(ids, ' union all ', empty)
}

/** All checks over relations of a design; the number of a check is its place in the list. */
const allChecks = memo((model: Model): readonly Check[] => model.entities.flatMap(({ relationChecks }) => relationChecks))

/** The statement that judges the checks of the rows of an entity that writes have kept. It fails with the first check that a row breaks. */
export const judgeWrittenStatement = memoPair((model: Model, entity: Entity): Statement => {
  const cases = entity.relationChecks.map((check) => {
    const name = literal(`${BROKEN_CHECK}${allChecks(model).indexOf(check)}`)
    return sql` when ${breaksCheck(model, entity, { by: 'plinth.written', rule: check.rule })} then current_setting(${name})`
  })
  return { name: `checks of ${entity.name}`, sql: sql`select case${join(cases, '', empty)} end` }
})

/** The message of the check with which a statement stopped; null when the message of the error names none. */
export function brokenCheck(model: Model, message: string): string | null {
  const at = message.indexOf(BROKEN_CHECK)
  if (at < 0) return null
  const number = Number.parseInt(message.slice(at + BROKEN_CHECK.length), 10)
  return allChecks(model)[number]?.message ?? null
}
