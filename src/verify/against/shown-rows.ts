/** Whether the rule of a row allows that it was shown, as far as the answer itself says. */

import type { Caller } from '../../model/caller.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import type { AllRows, ReferenceBackend } from '../expected/reference.ts'
import { ruleOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { kleene } from '../rules/deciding.ts'
import { type Atom, parseRule } from '../rules/rule-tree.ts'

/** A row of an answer, and who was shown it. */
export interface ShownRow {
  readonly entity: Entity
  readonly row: PlainRow
  readonly caller: Caller
  /** Whether all claims of the caller are known. */
  readonly isWhole: boolean
}

/** With more open conditions, nothing is said. */
const MOST_OPEN = 10

/** The conditions that forbid a row that was shown; null if some value of what the answer does not say allows it. */
export function whyHidden(reference: ReferenceBackend, { entity, row, caller, isWhole }: ShownRow): string | null {
  const { design, model } = reference
  const source = ruleOf(design.entities[entity.name], 'read')
  if (source === null) return 'nobody may read such rows'
  const members = [...entity.fields, ...entity.derived, ...entity.relations].map(({ name }) => name)
  const { tree, atoms } = parseRule(source, (name) => (members.includes(name) ? undefined : design.rules?.[name]))
  const { full } = reference.sightOver(rowsBeside(model, entity, row), caller)
  const values = atoms.map((atom) =>
    isKnown(atom, entity, { row, isWhole })
      ? full.decide({ source: atom.text, entity: entity.name, row, caller, input: {}, now: new Date() })
      : 'open',
  )
  const open = values.flatMap((value, i) => (value === 'open' ? [i] : []))
  if (open.length > MOST_OPEN) return null
  for (let bits = 0; bits < 2 ** open.length; bits++) {
    const chosen = values.map((value, i) => (value === 'open' ? ((bits >> open.indexOf(i)) & 1) === 1 : value))
    if (kleene(tree, chosen) === true) return null
  }
  return atoms.flatMap(({ name }, i) => (values[i] === 'open' ? [] : [`${name} is ${values[i] ?? 'unknown'}`])).join(', ')
}

/** Whether an answer says all that a condition reads: stored fields with values, ids of references, claims and constants. */
function isKnown({ text }: Atom, entity: Entity, { row, isWhole }: Pick<ShownRow, 'row' | 'isWhole'>): boolean {
  const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '0')
  if (/\bauth\b/.test(plain) && !isWhole) return false
  const rest = plain.replaceAll(/\bauth\s*\.\s*\w+/g, '0')
  const references = entity.fields.filter(({ type }) => type.kind === 'ref').map(({ name }) => name)
  const own = rest.replaceAll(/\b(\w+)\s*\.\s*id\b/g, (whole, name: string) => (references.includes(name) ? name : whole))
  if (/[.([]/.test(own)) return false
  const names = own.match(/[A-Za-z_]\w*/g) ?? []
  return names.every((name) => ['true', 'false', 'in'].includes(name) || isStored(entity, name, row))
}

/** A null may be a value that this caller may not read. */
function isStored({ fields }: Entity, name: string, row: PlainRow): boolean {
  return fields.some((field) => field.name === name) && (row[name] ?? null) !== null
}

/** The row, and a row with nothing but an id behind each of its references. */
function rowsBeside(model: Model, entity: Entity, row: PlainRow): AllRows {
  const rows = new Map<string, PlainRow[]>([[entity.name, [row]]])
  for (const { name, type } of entity.fields) {
    const id = row[name] ?? null
    if (type.kind !== 'ref' || id === null) continue
    const target = entityNamed(model, type.entity).name
    const known = rows.get(target) ?? []
    if (!known.some((one) => one.id === id)) rows.set(target, [...known, { id }])
  }
  return rows
}
