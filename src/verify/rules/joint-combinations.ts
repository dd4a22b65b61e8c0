/** Every combination of truths that the conditions of several rules can have together in one request, as far as the design alone says. */

import type { Truth } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { type AtomPlace, possibleValues } from './atom-facts.ts'
import { type JointAtom, jointTruths } from './joint-truths.ts'
import { mentionsOf } from './mentions.ts'
import { comparisonOf, type Given, type Moment, type Origin } from './pivots.ts'
import { type ParsedRule, parseRule } from './rule-tree.ts'

/** A rule, and the row on which it is judged. */
export interface JudgedRule {
  readonly parsed: ParsedRule
  /** The truths that each of its conditions can have. */
  readonly possible: readonly (readonly Truth[])[]
  readonly moment: Moment
}

/** Rules that are judged in one request. */
export interface JudgedTogether {
  readonly design: WrittenDesign
  readonly place: AtomPlace
  readonly operation: 'read' | 'create' | 'update' | 'delete'
  readonly rules: readonly JudgedRule[]
}

/** The most combinations of truths that are tried. */
const MOST_COMBINATIONS = 150_000

/** A rule of an entity as text, to be judged. */
export function judgedRule(
  design: WrittenDesign,
  place: AtomPlace,
  { source, moment }: { readonly source: string; readonly moment: Moment },
): JudgedRule {
  const parsed = parseRule(source, namedRules(design, entityNamed(place.model, place.entity)))
  return { parsed, possible: parsed.atoms.map(({ node }) => possibleValues(node, place)), moment }
}

/**
 * Calls `look` once for each combination, with the truths of the conditions of each rule by its number. Some combinations may be
 * impossible, but every possible one is there.
 *
 * @returns false where there are too many, and `look` is not called.
 */
export function eachCombination(asked: JudgedTogether, look: (valuesOf: (rule: number) => readonly Truth[]) => void): boolean {
  const { rules } = asked
  const atoms = rules.flatMap((rule) => jointAtoms(asked, rule))
  const groups = jointTruths(atoms)
  if (groups.reduce((product, { tuples }) => product * tuples.length, 1) > MOST_COMBINATIONS) return false
  const values = atoms.map((): Truth => null)
  const ends = rules.map((_, i) => rules.slice(0, i + 1).reduce((sum, { parsed }) => sum + parsed.atoms.length, 0))
  const valuesOf = (i: number): readonly Truth[] => values.slice(ends[i - 1] ?? 0, ends[i])
  const choose = (at: number): void => {
    const group = groups[at]
    if (group === undefined) look(valuesOf)
    for (const tuple of group?.tuples ?? []) {
      for (const [i, atom] of (group?.atoms ?? []).entries()) values[atom] = tuple[i] ?? null
      choose(at + 1)
    }
  }
  choose(0)
  return true
}

/** The text of a named rule, unless the entity has a member of this name. */
function namedRules(design: WrittenDesign, { fields, derived, relations }: Entity): (name: string) => string | undefined {
  const members = new Set([...fields, ...derived, ...relations].map(({ name }) => name))
  return (name) => (members.has(name) ? undefined : design.rules?.[name])
}

function jointAtoms({ design, place, operation }: JudgedTogether, { parsed, possible, moment }: JudgedRule): readonly JointAtom[] {
  const entity = entityNamed(place.model, place.entity)
  const isKept = (field: Field): boolean => operation !== 'update' || !canChange(design, place, field)
  const origin: Origin = {
    ...place,
    moment,
    isKept,
    given: (field) =>
      field.system === 'deletedAt' ? { constant: null } : operation === 'create' ? givenTo(design, place, field) : undefined,
  }
  return parsed.atoms.map(({ node, text }, i) => {
    const read = mentionsOf(design, place.model, [{ entity: place.entity, source: text }]).get(place.entity)
    const same = [...(read?.fields.keys() ?? [])].every((name) => {
      const field = fieldOf(entity, name)
      return field !== undefined && isKept(field)
    })
    return { key: `${same ? 'row' : moment} ${text}`, comparison: comparisonOf(node, origin), possible: possible[i] ?? [] }
  })
}

/** Whether a change of the row can change a field. */
function canChange(design: WrittenDesign, { entity }: AtomPlace, field: Field): boolean {
  const written = design.entities[entity]?.fields[field.name]
  if (field.system !== null) return field.system === 'version' || field.system === 'updatedAt'
  if (written === undefined || field.immutable || field.name === 'id') return false
  if (written.set !== undefined) return written.on === 'write'
  if (isMoved(design, entity, field.name) || ['sequence', 'token', 'file'].includes(written.type)) return false
  return written.write !== 'false'
}

function isMoved({ workflows = {} }: WrittenDesign, entity: string, field: string): boolean {
  return Object.values(workflows).some((workflow) => workflow.entity === entity && workflow.field === field)
}

/** The value that a new row gets in a field that callers do not send. */
function givenTo(design: WrittenDesign, { model, entity }: AtomPlace, field: Field): Given | undefined {
  const written = design.entities[entity]?.fields[field.name]
  if (field.system === 'version') return { constant: 1 }
  const claim = written?.set?.match(/^auth\.(\w+)$/)?.[1]
  if (claim !== undefined) return { claim }
  const workflow = model.workflows.find((one) => one.entity === entity && one.field === field.name)
  if (workflow !== undefined) return { constant: workflow.initial }
  return undefined
}

function fieldOf({ fields }: Entity, name: string): Field | undefined {
  return fields.find((one) => one.name === name)
}
