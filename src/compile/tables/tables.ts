/**
 * The database schema that follows from a model: one table per entity, and a constraint for every constraint of the design. Also
 * translates a violated constraint into terms of the design, so that an answer never shows a constraint's name.
 */

import { createHash } from 'node:crypto'
import { type OwnRule, ownRule, type Rule } from '../../base/failures/rules.ts'
import { empty, ident, join, type Sql, sql } from '../../base/sql/sql.ts'
import { sqlText } from '../../base/sql/sql-text.ts'
import type { Constraint, Database, Table, TableIndex } from '../../model/database.ts'
import type { Entity, Field, Model, Unique } from '../../model/model.ts'
import { entityNamed, fieldNamed } from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { checksOf } from './checks.ts'
import { limitsOf } from './column-limits.ts'
import { columnsOf, SEARCH_COLUMN } from './columns.ts'
import { assignNames, type NameWish } from './constraint-names.ts'
import { formerTables } from './former-names.ts'
import { entityIndexes, indexedSql } from './indexes.ts'
import { keptFiles, uploadConstraint } from './kept-files.ts'
import { loggedWrites } from './logged-writes.ts'

/**
 * What a violated constraint means: the entity, the fields of the constraint, the field to report (null for the row as a whole), and a
 * message to put after the name of that field.
 */
export interface ConstraintFact {
  readonly kind: 'unique' | 'foreign-key' | 'check' | 'not-null'
  readonly entity: string
  readonly fields: readonly string[]
  readonly blame: string | null
  /** A short name of the rule. Answers have it as `errors[].rule`. */
  readonly rule: Rule | OwnRule
  readonly message: string
  /** A unique constraint that compares only some rows, so that two rows of a request with equal values may both be valid. */
  readonly isPartial?: true
  /** For a unique constraint: whether an answer names the fields; null: to callers who may read the field to report. */
  readonly named?: boolean | null
}

/** The message for a reference that makes a circle. */
export const OWN_ANCESTOR = 'would make this row its own ancestor'

/** A constraint or index before it has its name. */
interface Draft extends NameWish {
  readonly entity: Entity
  readonly fact: ConstraintFact | null
  readonly make: (name: string) => { readonly constraint: Constraint } | { readonly index: TableIndex }
}

/**
 * The schema that follows from a model. Tables are in the order of the design, columns in the order of the fields. PostgreSQL prints
 * expressions in another form than here: compare only texts that PostgreSQL printed.
 */
export function desiredDatabase(model: Model, schema = 'public'): Database {
  const made = named(model).map(([draft, name]) => ({ entity: draft.entity, ...draft.make(name) }))
  const tables = model.entities.map((entity): Table => {
    const own = made.filter((object) => object.entity === entity)
    return {
      name: entity.table,
      columns: columnsOf(model, entity),
      constraints: own.flatMap((object) => ('constraint' in object ? [object.constraint] : [])),
      indexes: own.flatMap((object) => ('index' in object ? [object.index] : [])),
      ...nulledColumns(entity),
      ...loggedWrites(model, entity),
      ...keptFiles(entity),
      ...(entity.was === null ? {} : { was: formerTables(entity.was) }),
    }
  })
  return { schema, tables }
}

function nulledColumns(entity: Entity): Pick<Table, 'nulled'> {
  const nulled = entity.fields.flatMap(({ type, column }) => (type.kind === 'ref' && type.onDelete === 'setNull' ? [column] : []))
  return nulled.length === 0 ? {} : { nulled }
}

/** Every constraint of the model's tables by `factKey`. */
export function constraintFacts(model: Model): ReadonlyMap<string, ConstraintFact> {
  const facts = new Map<string, ConstraintFact>()
  for (const [draft, name] of named(model)) if (draft.fact !== null) facts.set(factKey({ constraint: name }), draft.fact)
  for (const entity of model.entities) {
    for (const field of entity.fields) {
      const required = {
        kind: 'not-null',
        entity: entity.name,
        fields: [field.name],
        blame: field.name,
        rule: 'required',
        message: 'is required',
      } as const
      if (field.type.kind === 'file') facts.set(factKey({ constraint: uploadConstraint(entity, field) }), uploadFact(entity, field))
      if (!field.optional) facts.set(factKey({ table: entity.table, column: field.column }), required)
    }
  }
  return facts
}

function uploadFact(entity: Entity, field: Field): ConstraintFact {
  return {
    ...about(entity, [field.name]),
    kind: 'check',
    blame: field.name,
    rule: 'reference',
    message: 'is no upload that waits for this field',
  }
}

/**
 * The key of a violated constraint in `constraintFacts`: the name of the constraint. For a forbidden null, PostgreSQL reports no name, so
 * the key is the table and the column.
 */
export function factKey(violated: { readonly constraint: string } | { readonly table: string; readonly column: string }): string {
  return JSON.stringify('constraint' in violated ? [violated.constraint] : [violated.table, violated.column])
}

function named(model: Model): readonly (readonly [Draft, string])[] {
  const drafts = model.entities.flatMap((entity) => draftsOf(model, entity))
  // tables, indexes and unique constraints share one namespace
  const names = assignNames(
    drafts,
    model.entities.map((entity) => entity.table),
  )
  return drafts.map((draft) => [draft, names.get(draft) ?? ''])
}

function draftsOf(model: Model, entity: Entity): readonly Draft[] {
  return [
    primaryKey(entity),
    ...entity.uniques.map((unique) => uniqueDraft(entity, unique)),
    ...entity.conditionalUniques.map((unique) => conditionalDraft(model, entity, unique)),
    ...entity.fields.flatMap((field) => limitDrafts(entity, field)),
    ...checksOf(model, entity).map((check) =>
      checkDraft(entity, [check.name], {
        condition: check.condition,
        fact: {
          ...about(entity, check.fields),
          kind: 'check',
          blame: check.fields.length === 1 ? (check.fields[0] ?? null) : null,
          rule: ownRule(check.name),
          message: check.message,
        },
      }),
    ),
    ...entity.fields.flatMap((field) => foreignKey(model, entity, field)),
    ...entity.fields.flatMap((field) => treeDrafts(entity, field)),
    ...entityIndexes(entity).map((index) => indexDraft(entity, index)),
    ...(entity.search === null ? [] : [searchIndex(entity)]),
  ]
}

function about(entity: Entity, fields: readonly string[]) {
  return { entity: entity.name, fields }
}

function primaryKey(entity: Entity): Draft {
  const { column } = fieldNamed(entity, 'id')
  return {
    entity,
    words: [entity.table, 'pkey'],
    fact: { ...about(entity, ['id']), kind: 'unique', blame: 'id', rule: 'unique', message: 'is already taken' },
    make: (name) => ({ constraint: { kind: 'primary-key', name, columns: [column] } }),
  }
}

/** With `softDelete`, other rows may use a value after its row is deleted. Only a unique index can express this; a constraint cannot. */
function uniqueDraft(entity: Entity, unique: Entity['uniques'][number]): Draft {
  const columns = unique.fields.map((name) => fieldNamed(entity, name).column)
  const words = [entity.table, ...columns, 'key']
  const fact = uniqueFact(entity, unique)
  // The number of a deleted row is not given to another row.
  const isNumber = fieldNamed(entity, unique.blame).default?.kind === 'sequence'
  if (!entity.softDelete || isNumber) return { entity, words, fact, make: (name) => ({ constraint: { kind: 'unique', name, columns } }) }
  return { entity, words, fact, make: uniqueIndex(columns, notDeleted(entity)) }
}

/**
 * A unique index over the rows for which the condition is true. The name of the index contains a hash of the condition, because two indexes
 * may have the same fields and differ only in the condition.
 */
function conditionalDraft(model: Model, entity: Entity, unique: Entity['conditionalUniques'][number]): Draft {
  const columns = unique.fields.map((name) => fieldNamed(entity, name).column)
  const hash = createHash('sha256').update(unique.source).digest('hex').slice(0, 8)
  const condition = whenTrue(unique.where, rowScope(model, ident(entity.table)))
  const where = join([sql`(${condition})`, ...notDeleted(entity)], ' and ', empty)
  const fact: ConstraintFact = { ...uniqueFact(entity, unique), isPartial: true }
  return { entity, words: [entity.table, ...columns, hash, 'key'], fact, make: uniqueIndex(columns, [where]) }
}

/** What a violated unique constraint of an entity means. */
export function uniqueFact(entity: Entity, { fields, blame, named }: Unique): ConstraintFact {
  return { ...about(entity, fields), kind: 'unique', blame, rule: 'unique', message: 'is already taken', named }
}

function notDeleted(entity: Entity): readonly Sql[] {
  const deleted = entity.fields.find((field) => field.system === 'deletedAt')
  return deleted === undefined ? [] : [sql`${ident(deleted.column)} is null`]
}

function uniqueIndex(columns: readonly string[], [where]: readonly Sql[]): Draft['make'] {
  const parts = columns.map((column) => sqlText(ident(column)))
  return (name) => ({ index: { name, method: 'btree', parts, unique: true, where: where === undefined ? null : sqlText(where) } })
}

function limitDrafts(entity: Entity, field: Field): readonly Draft[] {
  return limitsOf(field).map(({ rule, condition, message }) =>
    checkDraft(entity, [field.column, rule], {
      condition,
      fact: { ...about(entity, [field.name]), kind: 'check', blame: field.name, rule, message },
    }),
  )
}

function checkDraft(entity: Entity, words: readonly string[], check: { readonly condition: Sql; readonly fact: ConstraintFact }): Draft {
  return {
    entity,
    words: [entity.table, ...words, 'check'],
    fact: check.fact,
    make: (name) => ({ constraint: { kind: 'check', name, expression: sqlText(check.condition) } }),
  }
}

/**
 * `restrict` becomes `no action` in PostgreSQL. `no action` also refuses the deletion, but at the end of the statement, after cascades have
 * deleted their rows.
 */
const ON_DELETE = { restrict: 'no action', cascade: 'cascade', setNull: 'set null' } as const

function foreignKey(model: Model, entity: Entity, field: Field): readonly Draft[] {
  const { type } = field
  if (type.kind !== 'ref') return []
  const target = entityNamed(model, type.entity)
  return [
    {
      entity,
      words: [entity.table, field.column, 'fkey'],
      fact: {
        ...about(entity, [field.name]),
        kind: 'foreign-key',
        blame: field.name,
        rule: 'reference',
        message: `refers to no ${type.entity}`,
      },
      make: (name) => ({
        constraint: {
          kind: 'foreign-key',
          name,
          columns: [field.column],
          table: target.table,
          references: [fieldNamed(target, 'id').column],
          onDelete: ON_DELETE[type.onDelete],
        },
      }),
    },
  ]
}

/**
 * The check of an acyclic reference: no row refers to itself. A check constraint sees only one row. The statements that change the
 * reference refuse longer circles, and the migration that adds the check looks for circles among the existing rows.
 */
function treeDrafts(entity: Entity, field: Field): readonly Draft[] {
  if (field.type.kind !== 'ref' || !field.type.acyclic) return []
  const tree = { id: fieldNamed(entity, 'id').column, parent: field.column }
  const expression = sqlText(sql`${ident(tree.parent)} <> ${ident(tree.id)}`)
  const fact: ConstraintFact = { ...about(entity, [field.name]), kind: 'check', blame: field.name, rule: 'acyclic', message: OWN_ANCESTOR }
  return [
    {
      entity,
      words: [entity.table, field.column, 'acyclic', 'check'],
      fact,
      make: (name) => ({ constraint: { kind: 'check', name, expression, tree } }),
    },
  ]
}

function indexDraft(entity: Entity, index: Entity['indexes'][number]): Draft {
  const keys = index.parts.map(({ field, descending }) => ({ ...fieldNamed(entity, field), descending }))
  const parts = keys.map((key) => sqlText(key.descending ? sql`${indexedSql(key)} desc` : indexedSql(key)))
  const words = [
    entity.table,
    ...keys.map(({ column, descending }) => (descending ? `${column}_desc` : column)),
    index.method === 'gin' ? 'gin' : 'idx',
  ]
  return { entity, words, fact: null, make: (name) => ({ index: { name, method: index.method, parts, unique: false, where: null } }) }
}

function searchIndex(entity: Entity): Draft {
  const parts = [sqlText(ident(SEARCH_COLUMN))]
  return {
    entity,
    words: [entity.table, SEARCH_COLUMN, 'gin'],
    fact: null,
    make: (name) => ({ index: { name, method: 'gin', parts, unique: false, where: null } }),
  }
}
