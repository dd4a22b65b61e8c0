/** Reads the nested rows of a create: lists in the body, under the names of relations. */

import type { FieldProblem } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Values } from '../../base/sql/statement.ts'
import type { EntityView, View } from '../../compile/rules/view.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { CreatePlan } from '../../compile/statements/plan.ts'
import { type Nesting, nestingsOf } from '../../compile/values/nesting.ts'
import { pointerTo, readBody } from '../../compile/values/validate.ts'
import { EVERYTHING, type Selection } from './intent.ts'
import { planKey } from './plan-key.ts'
import { type Children, type Planning, prepare } from './planning.ts'
import { createdValues, knownNames, readableNames, writtenField } from './write-values.ts'

/** The relations for which a request has nested rows, as a tree. */
export type Nested = ReadonlyMap<string, Nested>

/** The nested rows of a create, and their problems. */
export interface ReadChildren {
  readonly children: readonly Children[]
  readonly nested: Nested
  readonly problems: readonly FieldProblem[]
}

/** Rows whose own nested rows are not read yet. */
interface Level {
  readonly planning: Planning
  readonly bodies: readonly unknown[]
  readonly pointers: readonly string[]
  /** The number of the level: 0 for the rows of the request, from 1 for an entry of `children`. */
  readonly index: number
  readonly depth: number
  readonly nested: OpenNested
}

type OpenNested = Map<string, OpenNested>

/** Reads the nested rows of the bodies of a request, level by level. Null when there are none. */
export function readChildren(planning: Planning, bodies: readonly unknown[], pointers: readonly string[]): ReadChildren | null {
  const nested: OpenNested = new Map()
  const levels: Level[] = [{ planning, bodies, pointers, index: 0, depth: 0, nested }]
  const children: Children[] = []
  const problems: FieldProblem[] = []
  let room = LIMITS.nestedRows
  for (let level = levels.shift(); level !== undefined; level = levels.shift()) {
    for (const nesting of nestingsOf(level.planning.variant.view, level.planning.entity).values()) {
      const list = readList(level, nesting, room)
      if (list === null) continue
      room -= list.items.length
      problems.push(...list.problems)
      const own: OpenNested = level.nested.get(nesting.name) ?? new Map()
      level.nested.set(nesting.name, own)
      if (list.items.length === 0) continue
      const below = { ...level.planning, entity: nesting.child }
      children.push(childrenOf(below, nesting, { level, list }))
      levels.push({
        planning: below,
        bodies: list.items,
        pointers: list.pointers,
        index: children.length,
        depth: level.depth + 1,
        nested: own,
      })
    }
  }
  return nested.size === 0 ? null : { children, nested, problems }
}

interface List {
  readonly items: readonly unknown[]
  readonly pointers: readonly string[]
  readonly parents: readonly number[]
  readonly calls: readonly Values[]
  readonly problems: readonly FieldProblem[]
}

/** Reads the nested rows of one level for one relation; null when no body names it. */
function readList(level: Level, { name, child, input }: Nesting, room: number): List | null {
  const items: unknown[] = []
  const pointers: string[] = []
  const parents: number[] = []
  const calls: Values[] = []
  const problems: FieldProblem[] = []
  let named = false
  for (const [parent, body] of level.bodies.entries()) {
    if (!isObject(body) || !Object.hasOwn(body, name)) continue
    named = true
    const at = pointerTo(level.pointers[parent] ?? '', name)
    const list = body[name]
    const refused = refusal(list, { depth: level.depth, room: room - items.length })
    if (refused !== null) problems.push({ pointer: at, ...refused })
    if (refused !== null || !Array.isArray(list)) continue
    for (const [i, item] of list.entries()) {
      const read = readBody(input, item, `${at}/${i}`)
      items.push(item)
      pointers.push(`${at}/${i}`)
      parents.push(parent)
      if (read.ok) calls.push(createdValues({ ...level.planning, entity: child }, read))
      else problems.push(...read.problems)
    }
  }
  return named ? { items, pointers, parents, calls, problems } : null
}

function refusal(list: unknown, { depth, room }: { readonly depth: number; readonly room: number }): Omit<FieldProblem, 'pointer'> | null {
  if (!Array.isArray(list)) return { rule: 'type', message: 'must be a list' }
  if (depth >= LIMITS.nestedDepth) return { rule: 'maxDepth', message: `rows may be nested at most ${LIMITS.nestedDepth} levels deep` }
  if (list.length > room)
    return { rule: 'maxItems', message: `a request may have at most ${LIMITS.nestedRows} nested rows`, limit: LIMITS.nestedRows }
  return null
}

function childrenOf(planning: Planning, { input, via }: Nesting, from: { readonly level: Level; readonly list: List }): Children {
  const { context, entity } = planning
  const key = planKey(planning, { kind: 'create-children', via: via.name })
  const prepared = prepare<CreatePlan>(context, key, () => ({
    kind: 'create',
    key,
    entity: entity.entity,
    allowed: entity.create,
    fields: [
      ...[...input.fields.values()].map((field) => writtenField(planning, field, 'set')),
      // The reference points to a row that the same request created, so the caller need not be allowed to read it.
      { ...writtenField(planning, via, 'set'), target: null },
    ],
    atomic: true,
    visible: entity.read,
    returning: 'nothing',
    output: null,
    named: readableNames(entity),
    known: knownNames(entity),
  }))
  const { calls, pointers, parents } = from.list
  return { ...prepared, calls, pointers, parents, of: from.level.index, via }
}

/** Adds to a selection those nested rows that the caller may read. */
export function including(selection: Selection, nested: Nested, at: { readonly view: View; readonly entity: EntityView }): Selection {
  if (nested.size === 0) return selection
  const include = new Map(selection.include)
  for (const [name, inner] of nested) {
    const relation = at.entity.relations.get(name)
    if (relation === undefined) continue
    const below = { view: at.view, entity: viewOf(at.view, relation.entity) }
    include.set(name, including(include.get(name) ?? EVERYTHING, inner, below))
  }
  return { ...selection, include }
}
