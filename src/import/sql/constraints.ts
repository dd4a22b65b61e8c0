/** Constraints of a table: its key, what is unique, foreign keys and checks. */

import type { SketchEntity } from '../sketch/sketch.ts'
import { mapChoices, mapCondition } from './expression.ts'
import { ownColumns, type StatementContext } from './reading.ts'
import { type SqlConstraint, tableName, texts } from './tree.ts'

const ON_DELETE: Readonly<Record<string, 'restrict' | 'cascade' | 'setNull'>> = { a: 'restrict', r: 'restrict', c: 'cascade', n: 'setNull' }

/** Adds a constraint. `context.at` is its place. */
export function addConstraint(entity: SketchEntity, constraint: SqlConstraint, context: StatementContext): void {
  const { at, reading } = context
  const { left } = reading.sketch
  const columns = ownColumns(entity, texts(constraint.keys))
  const named = constraint.conname ?? `${entity.name}(${columns.join(', ')})`
  switch (constraint.contype) {
    case 'CONSTR_PRIMARY': {
      if (columns.length === 0) return void left.push({ kind: 'key', name: named, at, why: 'it uses an index that is made elsewhere' })
      entity.key = { columns, at }
      for (const field of entity.fields) if (columns.includes(field.name)) field.optional = false
      return
    }
    case 'CONSTR_UNIQUE':
      return void entity.uniques.push({ name: named, columns, where: null, at })
    case 'CONSTR_FOREIGN': {
      const action = constraint.fk_del_action ?? 'a'
      const targets = texts(constraint.pk_attrs)
      return void entity.references.push({
        columns: ownColumns(entity, texts(constraint.fk_attrs)),
        target: tableName(constraint.pktable),
        targetColumns: targets.length === 0 ? null : targets,
        onDelete: ON_DELETE[action] ?? null,
        ...{ name: null, inverse: null, optional: false, unique: false, at },
      })
    }
    case 'CONSTR_CHECK':
      return void addCheck(entity, constraint, context)
    case 'CONSTR_NOTNULL': {
      for (const field of entity.fields) if (columns.includes(field.name)) field.optional = false
      return
    }
    case 'CONSTR_EXCLUSION':
      return void left.push({ kind: 'exclusion', name: named, at, why: 'write a check over the relation, or an action' })
    default:
      return void left.push({ kind: 'constraint', name: named, at, why: 'the language has no part for it' })
  }
}

/** A check that lists the texts of a column makes it a choice. */
function addCheck(entity: SketchEntity, constraint: SqlConstraint, { at, reading: { sketch } }: StatementContext): void {
  const choices = mapChoices(constraint.raw_expr)
  const [column] = choices === null ? [] : ownColumns(entity, [choices.column])
  const field = entity.fields.find(({ name }) => name === column)
  const name = constraint.conname ?? `${entity.name} check ${entity.checks.length + 1}`
  if (choices !== null && field?.type.type === 'text' && fits(choices.values)) {
    const given = 'default' in field.type ? field.type.default : undefined
    const isValue = typeof given === 'string' && choices.values.includes(given)
    field.type = { type: 'choice', values: [...new Set(choices.values)], ...(isValue ? { default: given } : {}) }
    return void sketch.parts.push({ kind: 'check', name, at, entity: entity.name, column: field.name, note: 'the values of a choice' })
  }
  const rule = mapCondition(constraint.raw_expr)
  if (rule === null)
    return void sketch.left.push({ kind: 'check', name, at, why: 'its condition has no counterpart; write a check or a pattern' })
  entity.checks.push({ name, rule, at })
}

function fits(values: readonly string[]): boolean {
  return values.length <= 200 && values.every((value) => value !== '' && value.length <= 200)
}
