/** What the parts of resolving actions share, and how they compile expressions. */

import { unreachable } from '../../base/unreachable.ts'
import { ACTION_ROW, STEP_ROW } from '../../model/action.ts'
import { ALWAYS, type Predicate, type Term } from '../../model/expression.ts'
import type { Entity } from '../../model/model.ts'
import type { Design } from '../authoring/design.ts'
import type { ActionDesign, TransitionDesign, WorkflowDesign } from '../authoring/logic-design.ts'
import type { CompiledElements, ExpectedType } from '../expression/compile.ts'
import type { NamedValue } from '../expression/scope.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { condition, type Expressions, elements, type Standing, term } from '../outline/expressions.ts'
import { hasEntity, type Outline } from '../outline/outline.ts'

/** What resolving actions needs. */
export interface LogicContext extends Expressions {
  readonly outline: Outline
  readonly design: Design
  /** The resolved entities by name. */
  readonly entities: ReadonlyMap<string, Entity>
}

/** An action as the design has it. */
export interface ActionSource {
  readonly name: string
  /** The entity whose row it is about; null for an action of the design. */
  readonly entity: string | null
  readonly at: Path
  readonly design: ActionDesign
  readonly transition: TransitionSource | null
}

/** The transition of a workflow, as the design has it. */
export interface TransitionSource {
  readonly workflow: string
  readonly workflowDesign: WorkflowDesign
  readonly design: TransitionDesign
}

/** The names that the expressions of an action may use at one place. */
export interface ActionNames {
  readonly names: ReadonlyMap<string, NamedValue>
  readonly inputs: ReadonlyMap<string, NamedValue>
}

/** One place of an action with its names. */
export interface LogicPlace extends ActionNames {
  readonly context: LogicContext
  readonly action: ActionSource
  readonly at: Path
}

/** The place under these keys of a place. */
export function within(place: LogicPlace, ...keys: Path): LogicPlace {
  return { ...place, at: [...place.at, ...keys] }
}

/** The row that a name stands for. */
export function rowNamed(binding: string, entity: string): Extract<NamedValue, { kind: 'row' }> {
  return { kind: 'row', path: { binding, root: entity, hops: [], entity } }
}

/** Names without a dot: the fields of the row of a step, those of the row of the action, those of a row with a binding, or none. */
export type Bare = { readonly entity: string; readonly row: 'step' | 'action' | { readonly binding: string } } | null

function standing({ at, names, inputs }: LogicPlace, bare: Bare, place: Standing['place'] = 'action'): Standing {
  const row = bare?.row ?? 'action'
  const binding = row === 'action' ? ACTION_ROW : row === 'step' ? STEP_ROW : row.binding
  return { entity: bare?.entity ?? null, place, at, action: { names, inputs, binding } }
}

/** Compiles a condition; `NEVER`, with findings, when it cannot be compiled. */
export function conditionAt(place: LogicPlace, source: string, bare: Bare): Predicate {
  return condition(source, standing(place, bare), place.context)
}

/** Compiles a value; null, with findings, when it cannot be compiled. */
export function termAt(
  place: LogicPlace,
  source: string,
  { bare, expected, once = false }: { readonly bare: Bare; readonly expected: ExpectedType | null; readonly once?: boolean },
): Term | null {
  return term(source, { ...standing(place, bare, once ? 'written' : 'action'), expected }, place.context)
}

/** Compiles what a step or `each` is about; null, with findings, when it cannot be compiled. */
export function elementsAt(place: LogicPlace, source: string, bare: Bare = null): CompiledElements | null {
  return elements(source, standing(place, bare), place.context)
}

/** What is given, for messages: `one Order`, `many rows (lines)`, `a list`. */
export function elementsWords(found: CompiledElements): string {
  switch (found.kind) {
    case 'row':
      return `one ${found.path.entity}`
    case 'rows':
      return `many rows (${found.set.relation})`
    case 'items':
      return 'a list'
    default:
      return unreachable(found)
  }
}

/** The conjunction of the conditions under `where`, with the fields of the entity as bare names. */
export function whereAt(place: LogicPlace, where: string | readonly string[] | undefined, entity: string): Predicate {
  const bare: Bare = { entity, row: 'step' }
  if (where === undefined) return ALWAYS
  if (typeof where === 'string') return conditionAt(within(place, 'where'), where, bare)
  const of = where.map((source, i) => conditionAt(within(place, 'where', i), source, bare))
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'all', of }
}

/** The resolved entity of the name; null when there is none, which is reported unless the entity itself has a finding. */
export function entityAt(place: LogicPlace, name: string): Entity | null {
  const { entities, outline, report } = place.context
  const entity = entities.get(name)
  if (entity !== undefined) return entity
  if (!hasEntity(outline, name))
    report.add('PLN-D208', place.at, `unknown entity ${quote(name)}${didYouMean(name, outline.entities.keys())}`)
  return null
}
