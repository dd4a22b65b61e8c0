/** What the JSON of an answer looks like, as far as the design says it. */

import { unreachable } from '../base/unreachable.ts'
import type { Action, ActionInput, AnswerTree } from './action.ts'
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
