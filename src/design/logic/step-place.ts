/** One step while it is resolved: its names, its inputs, and which of the names may be missing. */

import { type ActionInput, type ActionStep, type Assignment, type Each, inputBinding } from '../../model/action.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import type { Entity } from '../../model/model.ts'
import { conjuncts, visitTerm } from '../../model/tree.ts'
import type { NamedValue } from '../expression/scope.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { ActionSource, LogicPlace } from './logic-context.ts'

/** Names that may be missing, with the text of the `when` of the step that names them; null for other reasons. */
export type MaybeMissing = ReadonlyMap<string, string | null>

/** The actions of the design with their inputs. */
export interface ActionIndex {
  readonly sources: readonly ActionSource[]
  /** The jobs of the design, as actions. */
  readonly jobs: readonly ActionSource[]
  readonly inputs: ReadonlyMap<ActionSource, readonly ActionInput[]>
}

/** The place of a step. */
export interface StepPlace extends LogicPlace {
  readonly actionInputs: readonly ActionInput[]
  readonly maybe: MaybeMissing
  readonly index: ActionIndex
  readonly when: Predicate | null
  readonly whenSource: string | null
  readonly each: Each | null
}

/** The parts of every step. */
export interface StepStart {
  readonly at: Path
  readonly as: string | null
  readonly when: Predicate | null
  readonly each: Each | null
}

/** A step, what its name means, and whether the result may be missing although the step is done. */
export interface ResolvedStep {
  readonly step: ActionStep
  /** Null for a step without a result. */
  readonly result: ((name: string) => NamedValue) | null
  readonly maybe: boolean
}

/** The place under a key of a step. */
export function part(place: StepPlace, ...keys: readonly (string | number)[]): StepPlace {
  return { ...place, at: [...place.at, ...keys] }
}

/** The inputs that name rows and may be left out. */
export function optionalReferences(inputs: readonly ActionInput[]): readonly string[] {
  return inputs.flatMap((input) => (input.type.kind === 'reference' && input.optional ? [inputBinding(input.name)] : []))
}

/** Which rows may be missing, and the condition under which something is done. */
export type Presence = Pick<StepPlace, 'maybe' | 'when' | 'whenSource'>

/** Reports a row that may be missing where it is needed, unless `when` says that it is there. */
export function reportMissing(path: RowPath, place: StepPlace): void {
  const message = missingMessage(path, place)
  if (message !== null) place.context.report.add('PLN-D506', place.at, message, `add when: ${path.binding} != null`)
}

/** What is wrong with the use of a row that may be missing; null for one that is there, or that `when` asks about. */
export function missingMessage({ binding }: RowPath, { maybe, when, whenSource }: Presence): string | null {
  const skipped = maybe.get(binding)
  if (skipped === undefined || (skipped !== null && skipped === whenSource)) return null
  if (when !== null && conjuncts(when).some((each) => saysPresent(each, binding))) return null
  return `${quote(binding)} may be missing${skipped === null ? '' : ' (its step has a when)'}`
}

/** Reports values about rows that may be missing, for fields that need a value. */
export function reportMissingValues(set: readonly Assignment[], entity: Entity, place: StepPlace): void {
  for (const { field, value, ifSent } of set) {
    if (ifSent !== null || entity.fields.find(({ name }) => name === field)?.optional !== false) continue
    for (const row of neededRows(value)) reportMissing(row, part(place, field))
  }
}

/** The rows whose fields a value uses, without those that it asks about (`x == null ? … : …`). */
export function neededRows(value: Term): readonly RowPath[] {
  const asked = new Set<string>()
  const named = new Map<string, RowPath>()
  visitTerm(value, {
    predicate: (p) => {
      if (p.kind === 'missing' && p.of.kind === 'field') asked.add(p.of.row.binding)
    },
    term: (t) => {
      if (t.kind === 'field') named.set(t.row.binding, t.row)
    },
  })
  return [...named.values()].filter(({ binding }) => !asked.has(binding))
}

/** Whether a condition is true only if the row exists. */
export function saysPresent(condition: Predicate, binding: string): boolean {
  if (condition.kind !== 'not' || condition.of.kind !== 'missing') return false
  const { of } = condition.of
  return of.kind === 'field' && of.row.binding === binding
}

/** The meaning of many rows that a step has named. */
export function rowsNamed(name: string, entity: string): Extract<NamedValue, { kind: 'rows' }> {
  return { kind: 'rows', set: { of: { binding: name, root: entity, hops: [], entity }, relation: name, entity, via: null, beyond: false } }
}
