/** Turns a root field of a mutation and its arguments into the intent of a write. */

import type { VariableValues } from 'graphql'
import { compositeKey } from '../../base/composite-key.ts'
import { type Failure, type FieldProblem, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import type { Values } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Extra, Output, OutputField } from '../../compile/statements/plan.ts'
import { usableKeys } from '../../compile/values/keys.ts'
import { ALWAYS } from '../../model/expression.ts'
import { fieldNamed } from '../../model/model.ts'
import type { Returning } from '../http/prefer.ts'
import type { Body, Selection, WriteIntent } from '../plan/intent.ts'
import type { Upsert } from '../write/upsert.ts'
import { type InputPlace, placeIn, placeOfChanges, placeOfUpsert } from './argument-pointers.ts'
import { bindPages } from './bind-pages.ts'
import { plainArguments } from './documents/argument-values.ts'
import type { MutationField, MutationTemplate } from './documents/mutation-template.ts'
import type { BoundPage } from './documents/row-template.ts'
import type { RunningOperation } from './query.ts'

/** The write of one mutation field. */
export interface Write {
  readonly field: MutationField
  readonly asked: Asked
  /** Translates the pointer of a problem into a pointer into the arguments. */
  readonly place: InputPlace
}

type Asked =
  | { readonly kind: 'write'; readonly intent: WriteIntent | Upsert }
  /** The arguments contradict each other. */
  | { readonly kind: 'refused'; readonly failure: Failure }

/** Reads the arguments of a mutation. @throws GraphqlRefusal for a page with invalid arguments, with the path of the page. */
export function writeOf(
  running: RunningOperation,
  { field, template }: { readonly field: MutationField; readonly template: MutationTemplate },
  variables: VariableValues,
): Write {
  const bound = bindPages(running, field.pages, variables)
  const args = plainArguments(field.field, field.node, variables)
  const pages = compositeKey([template.id, field.key, ...bound.flatMap(({ size, rows }) => [size, rows.key])])
  const answering = (created: boolean) => answeringOf(field, bound, { pages, created })
  const { entity } = field.row.entity
  const versions = typeof args.ifVersion === 'number' ? [args.ifVersion] : null
  const of = (asked: Asked, place: InputPlace): Write => ({ field, asked, place })
  const alone = (intent: WriteIntent | Upsert, place: InputPlace) => of({ kind: 'write', intent }, place)
  const refused = (problems: readonly FieldProblem[], place: InputPlace) => of({ kind: 'refused', failure: invalid(problems) }, place)
  switch (field.kind) {
    case 'create':
      return alone({ kind: 'create', entity, body: args.input, ...answering(true) }, placeIn('input'))
    case 'create-many':
      return alone({ kind: 'create', entity, body: args.inputs, ...answering(true) }, placeIn('inputs'))
    case 'update': {
      const { body, problems } = changesOf(args.input, args.increment, '')
      const place = placeOfChanges('input', args.increment)
      if (problems.length > 0) return refused(problems, place)
      const intent = { kind: 'update', entity, id: String(args.id), mode: 'patch', body, versions, ...answering(false) } as const
      return alone(intent, place)
    }
    case 'delete':
      return alone({ kind: 'delete', entity, id: String(args.id), versions }, placeIn('id'))
    case 'upsert': {
      const { body, problems } = changesOf(args.update, args.increment, '/update')
      const key = keyOf(field, args.where)
      const place = placeOfUpsert(args, key)
      if (problems.length > 0) return refused(problems, place)
      const create = { kind: 'create', entity, body: args.create, ...answering(true) } as const
      const update = { kind: 'update', entity, id: null, mode: 'patch', body, versions: null, ...answering(false) } as const
      return alone({ kind: 'upsert', entity, key, create, update }, place)
    }
    default:
      return unreachable(field.kind)
  }
}

/**
 * The body of the same request in REST, where an amount is an object (`{ "increment": 1 }`). A field that is both set and incremented is a
 * problem. The pointer of the problem begins with `at`.
 */
function changesOf(input: unknown, increment: unknown, at: string): { readonly body: Body; readonly problems: readonly FieldProblem[] } {
  const set = isObject(input) ? input : {}
  const added = isObject(increment) ? increment : {}
  const both = Object.keys(added).filter((name) => Object.hasOwn(set, name))
  const body = { ...set, ...Object.fromEntries(Object.entries(added).map(([name, amount]) => [name, { increment: amount }])) }
  return { body, problems: both.map((name) => ({ pointer: `${at}/${name}/increment`, rule: 'increment', message: 'is set already' })) }
}

/** The values of the key in `where`. GraphQL checks that it has exactly one member. */
function keyOf({ row }: MutationField, where: unknown): Upsert['key'] {
  const [[name, given] = []] = Object.entries(isObject(where) ? where : {})
  const key = usableKeys(row.entity).find((one) => one.name === name)
  if (key === undefined) throw new Error(`${name} is no key`)
  return key.fields.map((field) => ({ field, value: key.fields.length > 1 && isObject(given) ? given[field.name] : given }))
}

interface Answering {
  readonly selection: Selection
  readonly returning: Returning
}

/** What the statement returns: the payload, or nothing when the document selects no field of the row. */
function answeringOf(
  field: MutationField,
  bound: readonly BoundPage[],
  { pages, created }: { readonly pages: string; readonly created: boolean },
): Answering {
  const output = payloadOutput(field, bound, created)
  const selection: Selection = { fields: null, include: new Map() }
  return output === null
    ? { selection, returning: 'nothing' }
    : { selection: { ...selection, shaped: { key: compositeKey([pages, created]), output, values: slotValues(bound) } }, returning: 'row' }
}

/** The values of the slots of all pages. */
function slotValues(bound: readonly BoundPage[]): Values {
  return Object.assign({}, ...bound.map(({ rows }) => rows.values))
}

function payloadOutput({ members, row }: MutationField, bound: readonly BoundPage[], created: boolean): Output | null {
  if (!members.some((m) => m.kind === 'row')) return null
  const { entity } = row.entity
  const fields: OutputField[] = []
  const extras: Extra[] = []
  for (const member of members) {
    const { kind, key } = member
    if (kind === 'id') fields.push({ field: fieldNamed(entity, 'id'), visible: ALWAYS, as: key })
    else if (kind === 'type') extras.push({ kind: 'constant', key, value: member.name })
    else if (kind === 'created') extras.push({ kind: 'constant', key, value: created })
    else if (kind === 'row') extras.push({ kind: 'row', key, output: member.shape.output(bound) })
  }
  return { entity, fields, includes: [], extras, keys: members.map((m) => m.key) }
}
