/** Limits the expressions of an action that runs as its caller to what the caller may read. */

import { unreachable } from '../../../base/unreachable.ts'
import {
  ACTION_ROW,
  type Action,
  type ActionStep,
  type AnswerTree,
  type Assignment,
  type Each,
  inputBinding,
} from '../../../model/action.ts'
import type { Predicate, Term } from '../../../model/expression.ts'
import type { Model } from '../../../model/model.ts'
import { maskFilter, maskValue } from '../../rules/mask.ts'

/** Returns an action in whose expressions hidden values and hidden rows count as missing. `allow` stays the same. */
export function maskedAction(action: Action, model: Model): Action {
  const names = new Set(namesOf(action))
  const seen: Seen = { predicate: (p) => maskFilter(p, model, names), term: (t) => maskValue(t, model, names) }
  return {
    ...action,
    // The state and the guard of a transition see everything, whether it is called does not.
    steps: action.steps.map((step) => (step.moves === true ? { ...step, ...maskedCommon(step, seen) } : maskedStep(step, seen))),
    answer: maskedAnswer(action.answer, seen),
  }
}

/** The names of rows. A step may have made or changed them, so the caller may not be able to read them. */
function namesOf({ inputs, steps }: Action): readonly string[] {
  return [ACTION_ROW, ...inputs.map(({ name }) => inputBinding(name)), ...steps.flatMap(({ as }) => (as === null ? [] : [as]))]
}

interface Seen {
  readonly predicate: (p: Predicate) => Predicate
  readonly term: (t: Term) => Term
}

function maskedCommon({ when, each }: ActionStep, seen: Seen): Pick<ActionStep, 'when' | 'each'> {
  return { when: when === null ? null : seen.predicate(when), each: maskedEach(each, seen) }
}

function maskedStep(step: ActionStep, seen: Seen): ActionStep {
  const common = maskedCommon(step, seen)
  switch (step.verb) {
    case 'find':
    case 'delete':
      return { ...step, ...common, where: seen.predicate(step.where) }
    case 'list':
      return {
        ...step,
        ...common,
        where: seen.predicate(step.where),
        limit: seen.term(step.limit),
        offset: step.offset === null ? null : seen.term(step.offset),
        distinct: step.distinct === null ? null : seen.term(step.distinct),
      }
    case 'require':
      return { ...step, ...common, condition: seen.predicate(step.condition) }
    case 'create':
      return { ...step, ...common, set: maskedSet(step.set, seen) }
    case 'ensure':
      return { ...step, ...common, set: maskedSet(step.set, seen), existing: maskedSet(step.existing, seen) }
    case 'update':
      return { ...step, ...common, where: seen.predicate(step.where), set: maskedSet(step.set, seen) }
    // No rule hides anything from the log.
    case 'emit':
    case 'signIn':
      return { ...step, ...common }
    case 'call':
      return { ...step, ...common, inputs: maskedInputs(step.inputs, seen) }
    case 'enqueue':
      return { ...step, ...common, inputs: maskedInputs(step.inputs, seen), runAt: step.runAt === null ? null : seen.term(step.runAt) }
    default:
      return unreachable(step)
  }
}

function maskedInputs<I extends { readonly value: Term }>(inputs: readonly I[], seen: Seen): readonly I[] {
  return inputs.map((input) => ({ ...input, value: seen.term(input.value) }))
}

function maskedSet(set: readonly Assignment[], seen: Seen): readonly Assignment[] {
  return set.map((one) => ({ ...one, value: seen.term(one.value) }))
}

function maskedEach(each: Each | null, seen: Seen): Each | null {
  return each === null || each.over.kind !== 'items' ? each : { ...each, over: { kind: 'items', of: seen.term(each.over.of) } }
}

function maskedAnswer(tree: AnswerTree, seen: Seen): AnswerTree {
  switch (tree.kind) {
    case 'value':
      return { ...tree, value: seen.term(tree.value) }
    case 'object':
      return { ...tree, members: tree.members.map((member) => ({ ...member, of: maskedAnswer(member.of, seen) })) }
    case 'list':
      return {
        kind: 'list',
        each: maskedEach(tree.each, seen) ?? tree.each,
        key: tree.key === null ? null : seen.term(tree.key),
        of: maskedAnswer(tree.of, seen),
      }
    case 'shape':
      return { ...tree, of: maskedAnswer(tree.of, seen) }
    case 'none':
    case 'constant':
    case 'output':
    case 'row':
    case 'token':
    case 'session':
      return tree
    default:
      return unreachable(tree)
  }
}
