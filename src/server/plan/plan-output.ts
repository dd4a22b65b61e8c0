/** Resolves the fields and related rows of an answer, with the names in the caller's view. */

import { type Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { DerivedView } from '../../compile/rules/derived-view.ts'
import { type EntityView, type FieldView, type View, viewOf } from '../../compile/rules/view.ts'
import type { Include, Output, OutputField } from '../../compile/statements/plan.ts'
import { NEVER } from '../../model/expression.ts'
import { fieldNamed } from '../../model/model.ts'
import { both } from '../../model/predicate.ts'
import { nearest, suggestible } from './did-you-mean.ts'
import type { Selection } from './intent.ts'

/** Resolves a selection. @throws Failure `unknown_name` for a name that this caller can never read or that does not exist. */
export function planOutput(view: View, entity: EntityView, selection: Selection): Output {
  if (selection.shaped !== undefined) return selection.shaped.output
  const included = [...selection.include].map(([name, inner]) => planInclude(view, entity, name, inner))
  const replaced = new Set(included.map((include) => include.name))
  const fields =
    selection.fields === null
      ? [...entity.readable.values(), ...entity.derived.values()]
      : selection.fields.map((name) => entity.derived.get(name) ?? readableField(entity, name))
  return { entity: entity.entity, fields: fields.filter((f) => !replaced.has(f.field.name)).map(outputField), includes: included }
}

/** The readable field of this name that has a column. @throws Failure `unknown_name`. */
export function readableField(entity: EntityView, name: string): FieldView {
  const found = entity.readable.get(name)
  if (found === undefined) throw unknownName(entity, name)
  return found
}

/**
 * The failure for a name that the caller cannot use here. It suggests only names that the caller may read, and says where a name belongs
 * that the caller may read and that has another place.
 */
export function unknownName(entity: EntityView, name: string): Failure {
  const about = { entity: entity.entity.name, name }
  const known = [...entity.readable.keys(), ...entity.derived.keys(), ...entity.relations.keys()]
  return suggestible(failure('unknown_name', { ...about, hint: '' }), () =>
    failure('unknown_name', { ...about, hint: otherPlace(entity, name) ?? nearest(name, known) }),
  )
}

/** Where a known name belongs; null for an unknown one. */
function otherPlace({ readable, derived, relations, references }: EntityView, name: string): string | null {
  if (relations.has(name)) return ` here: it is a list of rows, for include=${name} and filter=${name}.exists(x, …)`
  const type = (readable.get(name) ?? derived.get(name))?.field.type
  // A reference to rows that the caller never reads looks in an include like a name that does not exist.
  if (type !== undefined && (type.kind !== 'ref' || references.has(name))) return ' here: it is a field, for fields, filter and sort'
  const [first = '', second] = name.split('.')
  if (second === undefined || !(references.has(first) || relations.has(first))) return null
  return ` here: to see it, use include=${first} and fields[${first}]=${second}`
}

/**
 * The readable field of this name, for a condition or the order of a list. @throws Failure `unknown_name`, and `invalid_parameter` for a
 * computed field that is no column.
 */
export function storedField(entity: EntityView, name: string, parameter: string): FieldView {
  if (entity.derived.has(name)) throw failure('invalid_parameter', { name: parameter, why: `${name} is computed when it is read` })
  return readableField(entity, name)
}

function outputField(view: FieldView | DerivedView): OutputField {
  return { field: view.field, visible: view.rule, ...('value' in view ? { value: view.value } : {}) }
}

function planInclude(view: View, entity: EntityView, name: string, selection: Selection): Include {
  const relation = entity.relations.get(name)
  if (relation !== undefined) {
    const target = viewOf(view, relation.entity)
    const via = fieldNamed(target.entity, relation.via)
    return {
      kind: 'to-many',
      name,
      via,
      visible: both(target.read, target.readable.get(via.name)?.rule ?? NEVER),
      output: planOutput(view, target, selection),
      limit: LIMITS.pageSizeMax,
    }
  }
  const reference = entity.references.has(name) ? entity.readable.get(name) : undefined
  if (reference === undefined || reference.field.type.kind !== 'ref') throw unknownName(entity, name)
  const target = viewOf(view, reference.field.type.entity)
  return {
    kind: 'to-one',
    name,
    field: reference.field,
    refVisible: reference.rule,
    visible: target.read,
    output: planOutput(view, target, selection),
  }
}
