/** Resolves the shapes of a design: answers about one row that have a name. */

import type { AnswerMember, AnswerTree } from '../../model/action.ts'
import type { RowPath } from '../../model/expression.ts'
import { type Entity, isToken, storedScalar } from '../../model/model.ts'
import type { NamedShape } from '../../model/named-shape.ts'
import { isSecretField } from '../../model/privacy/sealed.ts'
import type { ShapeDesign } from '../authoring/logic-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { checkShapeName } from '../outline/outline-names.ts'
import { type AnswerPlace, answerMembersOf, type Shapes } from './answer.ts'
import { entityAt, type LogicContext, type LogicPlace, termAt, within } from './logic-context.ts'
import { isWithinLimits, type Size, sizeOf } from './shapes/answer-size.ts'

/** The shapes of a design, each resolved when it is first used. */
export interface ResolvedShapes extends Shapes {
  /** All of them that have no finding, in the order of the design. */
  readonly all: () => readonly NamedShape[]
}

/** Prepares the shapes of a design. Each finding about a shape is reported once, however often the shape is used. */
export function shapesOf(context: LogicContext): ResolvedShapes {
  const designs = new Map(Object.entries(context.design.shapes ?? {}))
  const done = new Map<string, NamedShape | null>()
  const sizes = new Map<AnswerTree, Size>()
  const open: string[] = []
  const named: Shapes['named'] = (name, place) => {
    const design = designs.get(name)
    if (design === undefined) return undefined
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' → ')
      context.report.add('PLN-D545', place.at, `shapes in a circle without end: ${circle}`, 'leave one of them out, or show its id')
      return null
    }
    const known = done.get(name)
    if (known !== undefined) return known
    open.push(name)
    const shape = shapeAt(name, design, { context, shapes, number: [...designs.keys()].indexOf(name) })
    open.pop()
    const fits = shape !== null && isWithinLimits(sizeOf(shape.of, sizes), { at: shape.at, report: context.report })
    done.set(name, fits ? shape : null)
    return fits ? shape : null
  }
  const shapes: Shapes = { named, names: [...designs.keys()], sizes }
  const all = (): readonly NamedShape[] =>
    shapes.names.flatMap((name) => {
      checkShapeName(name, { at: ['shapes', name], report: context.report })
      const shape = named(name, { at: ['shapes', name] })
      return shape === undefined || shape === null ? [] : [shape]
    })
  return { ...shapes, all }
}

function shapeAt(
  name: string,
  design: ShapeDesign,
  { context, shapes, number }: { readonly context: LogicContext; readonly shapes: Shapes; readonly number: number },
): NamedShape | null {
  const at = ['shapes', name]
  const binding = `$${number}`
  const bare = { entity: design.of, row: { binding } } as const
  // A shape is of no action: only its own row and the caller have names in it.
  const action = { name, entity: null, at, design: {}, transition: null }
  const place: AnswerPlace = {
    context,
    action,
    at,
    names: new Map(),
    inputs: new Map(),
    maybe: new Map(),
    bare,
    shapes,
    prefix: `${binding}.`,
  }
  const entity = entityAt(within(place, 'of'), design.of)
  if (entity === null) return null
  const row: RowPath = { binding, root: entity.name, hops: [], entity: entity.name }
  const fields = fieldMembers(design.fields ?? [], { entity, row }, place)
  const others = answerMembersOf(design.with ?? {}, { ...place, at: [...at, 'with'] })
  for (const key of Object.keys(design.with ?? {}))
    if (design.fields?.includes(key) === true)
      context.report.add('PLN-D203', [...at, 'with', key], `${quote(key)} stands under fields already`, 'leave it out at one of them')
  const members = [...fields, ...others]
  if (members.length === 0) context.report.add('PLN-D103', at, 'a shape needs fields, or with', 'write fields: [id]')
  return { name, entity: entity.name, description: design.description ?? null, at, as: binding, of: { kind: 'object', members } }
}

interface ShapedRow {
  readonly entity: Entity
  readonly row: RowPath
}

function fieldMembers(names: readonly string[], shaped: ShapedRow, place: AnswerPlace): readonly AnswerMember[] {
  return names.flatMap((name, i) => {
    const at = within(place, 'fields', i)
    if (names.indexOf(name) < i) place.context.report.add('PLN-D203', at.at, `${quote(name)} stands here twice`, 'leave one of them out')
    const of = names.indexOf(name) < i ? null : fieldValue(name, shaped, { ...place, at: at.at })
    return of === null ? [] : [{ name, of }]
  })
}

/** The value of a field of the row; null, with a finding, when no answer can show it. */
function fieldValue(name: string, { entity, row }: ShapedRow, place: AnswerPlace): AnswerTree | null {
  const { report, shape, unusable } = place.context
  const field = entity.fields.find((each) => each.name === name)
  if (field !== undefined && isSecretField(field)) {
    const what = field.type.kind === 'password' ? 'password' : isToken(field) ? 'token' : 'encrypted text'
    report.add('PLN-D313', place.at, `${entity.name}.${name} is a ${what}, which no shape shows`, 'leave it out')
    return null
  }
  if (field !== undefined) {
    const type = { scalar: storedScalar(field.type), list: field.type.kind === 'list' }
    return { kind: 'value', value: { kind: 'field', type, row, field: name } }
  }
  const shown = shape.entities.get(entity.name)
  if (shown?.fields.get(name)?.kind === 'derived') {
    const value = termAt(place, name, { bare: place.bare, expected: null })
    return value === null ? null : { kind: 'value', value }
  }
  if (!unusable.has(name)) reportUnknown(name, entity, place)
  return null
}

function reportUnknown(name: string, entity: Entity, { at, context }: LogicPlace): void {
  const shown = context.shape.entities.get(entity.name)
  if (shown?.relations.has(name) === true) {
    context.report.add('PLN-D510', at, `${entity.name}.${name} is a relation, so it stands under with and not under fields`)
    return
  }
  const known = [...(shown?.fields ?? [])].flatMap(([each, { kind }]) => (kind === 'hidden' ? [] : [each]))
  const near = didYouMean(name, known)
  const hint = near === '' ? `the fields are ${known.join(', ')}` : undefined
  context.report.add('PLN-D510', at, `${entity.name}.${name} is an unknown field${near}`, hint)
}
