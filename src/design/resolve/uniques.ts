/** Unique constraints of an entity: those of its fields, and its own lists of fields, with or without a condition. */

import type { ConditionalUnique, Unique } from '../../model/model.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { indexCondition } from '../outline/expressions.ts'
import type { EntityOutline, FieldOutline } from '../outline/outline.ts'
import { lookUp, type OptionContext } from './entity-options.ts'

/** The unique constraints of an entity: of all rows, and of the rows for which a condition holds. */
export interface Uniques {
  readonly uniques: readonly Unique[]
  readonly conditionalUniques: readonly ConditionalUnique[]
}

/** A unique constraint as the design has it; `where` is null if it compares all rows. */
interface Authored {
  readonly unique: Unique
  readonly where: string | null
  readonly at: Path
}

/** The unique constraints: first those of fields, then those of the entity. Repeated constraints are reported and left out. */
export function resolveUniques(entity: EntityOutline, context: OptionContext): Uniques {
  const uniques: Unique[] = []
  const conditionalUniques: ConditionalUnique[] = []
  const seen = new Set<string>()
  const fields = [...entity.fields.values()].flatMap((field) => ofField(entity, field, context))
  for (const { unique, where, at } of [...fields, ...ofEntity(entity, context)]) {
    const key = JSON.stringify([[...unique.fields].sort(), where])
    if (seen.has(key)) context.report.add('PLN-D410', at, 'the same unique constraint is there already')
    else if (where === null) uniques.push(unique)
    else {
      const condition = indexCondition(where, { entity: entity.name, place: 'row', at: [...at, 'where'] }, context)
      conditionalUniques.push({ ...unique, where: condition, source: where })
    }
    seen.add(key)
  }
  return { uniques, conditionalUniques }
}

function ofField(entity: EntityOutline, { name, design, at }: FieldOutline, context: OptionContext): readonly Authored[] {
  if (design.type === 'sequence') {
    const unique = { fields: design.within === undefined ? [name] : [design.within, name], blame: name, named: null }
    const isUsable = design.within === undefined || isUniquePart(entity, design.within, { at: [...at, 'within'], context })
    return isUsable ? [{ unique, where: null, at }] : []
  }
  if (design.type === 'token') return [{ unique: { fields: [name], blame: name, named: null }, where: null, at }]
  if (!('unique' in design) || design.unique === undefined || design.unique === false) return []
  const place = [...at, 'unique']
  const options = design.unique === true ? {} : design.unique
  const { within, where = null, named = isToldLogin(entity, name) ? true : null } = options
  if (within === undefined) return [{ unique: { fields: [name], blame: name, named }, where, at: place }]
  if (within === name) context.report.add('PLN-D215', [...place, 'within'], `${quote(name)} cannot be unique within itself`)
  else if (isUniquePart(entity, within, { at: [...place, 'within'], context }))
    return [{ unique: { fields: [within, name], blame: name, named }, where, at: place }]
  return []
}

/** Whether the design says that callers are told which login is taken. */
function isToldLogin({ design }: EntityOutline, field: string): boolean {
  return design.identity?.takenLogin === 'conflict' && design.identity.login === field
}

function ofEntity(entity: EntityOutline, context: OptionContext): readonly Authored[] {
  return (entity.design.unique ?? []).flatMap((authored, i): readonly Authored[] => {
    const at = [...entity.at, 'unique', i]
    const options = 'fields' in authored ? authored : { fields: authored }
    const blame = options.fields.at(-1)
    const isLogin = options.fields.length === 1 && blame !== undefined && isToldLogin(entity, blame)
    const { fields, where = null, named = isLogin ? true : null } = options
    const namesAt = 'fields' in authored ? [...at, 'fields'] : at
    const usable = fields.filter((name, j) => {
      const place = [...namesAt, j]
      if (fields.indexOf(name) === j) return isUniquePart(entity, name, { at: place, context })
      context.report.add('PLN-D215', place, `${quote(name)} is named already`)
      return false
    })
    return usable.length === fields.length && blame !== undefined ? [{ unique: { fields, blame, named }, where, at }] : []
  })
}

const NOT_UNIQUE: readonly string[] = ['password', 'token', 'json', 'list', 'file', 'computed']

function isUniquePart(entity: EntityOutline, name: string, place: { readonly at: Path; readonly context: OptionContext }): boolean {
  const named = lookUp(entity, name, place)
  if (named === null) return false
  if (named === 'system' || !NOT_UNIQUE.includes(named.type)) return true
  place.context.report.add('PLN-D214', place.at, `${quote(name)} is of type ${named.type} and cannot be part of a unique constraint`)
  return false
}
