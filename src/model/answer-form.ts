/** What the JSON of an answer looks like, as far as the design says it, and what a page about a failure may name. */

import { unreachable } from '../base/unreachable.ts'
import type { Action, ActionInput, AnswerTree } from './action.ts'
import { namesInPath } from './address/action-address.ts'
import { type Entity, storedScalar } from './model.ts'
import { isNever } from './predicate.ts'
import type { ScalarKind } from './scalar.ts'

/** The form of a JSON value. Each may be null. */
export type AnswerForm =
  | { readonly kind: 'none' }
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind }
  /** With `isRow`, a whole row: callers get the members that they may read. */
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, AnswerForm>; readonly isRow: boolean }
  /** With `isValue`, the value of one field. */
  | { readonly kind: 'list'; readonly of: AnswerForm; readonly isValue: boolean }
  /** An object whose keys are values. */
  | { readonly kind: 'keyed'; readonly of: AnswerForm }
  /** Any JSON value: code that declares no output. */
  | { readonly kind: 'any' }

/** The form of an action's answer. @param entities the entities of the design by name */
export function answerForm({ answer, run }: Pick<Action, 'answer' | 'run'>, entities: ReadonlyMap<string, Entity>): AnswerForm {
  if (run === null) return formOf(answer, entities)
  if (run.output.length === 0) return { kind: 'any' }
  return { kind: 'object', members: new Map(run.output.map((output) => [output.name, formOfOutput(output)])), isRow: false }
}

function formOf(tree: AnswerTree, entities: ReadonlyMap<string, Entity>): AnswerForm {
  switch (tree.kind) {
    case 'none':
      return { kind: 'none' }
    case 'output':
      return { kind: 'any' }
    case 'value':
      return valueForm(tree.value.type)
    case 'token':
    case 'session':
      return { kind: 'scalar', scalar: 'text' }
    case 'constant':
      return { kind: 'scalar', scalar: scalarOf(tree.value) }
    case 'row':
      return rowForm(entities.get(tree.row.entity))
    case 'shape':
      return formOf(tree.of, entities)
    case 'object':
      return { kind: 'object', members: new Map(tree.members.map(({ name, of }) => [name, formOf(of, entities)])), isRow: false }
    case 'list': {
      const of = formOf(tree.of, entities)
      return tree.key === null ? { kind: 'list', of, isValue: false } : { kind: 'keyed', of }
    }
    default:
      return unreachable(tree)
  }
}

function scalarOf(value: null | boolean | number | string): ScalarKind {
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : 'text'
}

function valueForm({ scalar, list }: { readonly scalar: ScalarKind; readonly list: boolean }): AnswerForm {
  const one = { kind: 'scalar', scalar } as const
  return list ? { kind: 'list', of: one, isValue: true } : one
}

/** The members that some caller may read. */
function rowForm(entity: Entity | undefined): AnswerForm {
  const members = new Map<string, AnswerForm>()
  for (const field of entity?.fields ?? []) {
    if (isNever(field.read)) continue
    members.set(field.name, valueForm({ scalar: storedScalar(field.type), list: field.type.kind === 'list' }))
  }
  for (const { name, term, read } of entity?.derived ?? []) if (!isNever(read)) members.set(name, valueForm(term.type))
  return { kind: 'object', members, isRow: true }
}

function formOfOutput({ type }: ActionInput): AnswerForm {
  return valueForm({ scalar: storedScalar(type.type), list: type.type.kind === 'list' })
}

const TEXT: AnswerForm = { kind: 'scalar', scalar: 'text' }

/** A problem of a failure. */
const PROBLEM: AnswerForm = {
  kind: 'object',
  isRow: false,
  members: new Map<string, AnswerForm>([
    ['name', TEXT],
    ['rule', TEXT],
    ['pointer', TEXT],
    ['messages', { kind: 'list', of: TEXT, isValue: true }],
  ]),
}

const SAID: readonly (readonly [string, AnswerForm])[] = [
  ['status', { kind: 'scalar', scalar: 'integer' }],
  ['code', TEXT],
  ['title', TEXT],
  ['detail', TEXT],
  ['traceId', TEXT],
  ['path', TEXT],
  ['time', TEXT],
  ['problems', { kind: 'list', of: PROBLEM, isValue: false }],
]

/** The form of what is said about a failure, and with an action, of what the client sent to it. */
export function failureForm(action: Pick<Action, 'inputs' | 'address'> | null): AnswerForm {
  const sent: readonly (readonly [string, AnswerForm])[] =
    action === null ? [] : [['sent', { kind: 'object', isRow: false, members: new Map(shownInputs(action)) }]]
  return { kind: 'object', isRow: false, members: new Map([...SAID, ...sent]) }
}

/** The inputs that a page may show again, and the names of the path. Passwords are not shown, and neither is JSON. */
export function shownInputs({ inputs, address }: Pick<Action, 'inputs' | 'address'>): ReadonlyMap<string, AnswerForm> {
  const ofPath = namesInPath(address.path).map((name) => [name, TEXT] as const)
  const ofInputs = inputs.flatMap(({ name, type: { type } }): readonly (readonly [string, AnswerForm])[] => {
    if (type.kind === 'password' || type.kind === 'file' || (type.kind === 'scalar' && type.scalar === 'json')) return []
    return [[name, type.kind === 'list' ? { kind: 'list', of: TEXT, isValue: true } : TEXT]]
  })
  return new Map([...ofPath, ...ofInputs])
}
