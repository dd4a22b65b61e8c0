/** Compares what an action answers with the answers of its operation. */

import { unreachable } from '../../base/unreachable.ts'
import type { AnswerMember, AnswerTree } from '../../model/action.ts'
import type { ActionAddress } from '../../model/address/action-address.ts'
import { REDIRECT_STATUSES, SEE_OTHER } from '../../model/address/redirect.ts'
import type { Term } from '../../model/expression.ts'
import { isAlways } from '../../model/predicate.ts'
import { either, quote } from '../findings/report.ts'
import { addMisfit, type ContractBinding, type OperationOfAction, titleOf } from './binding.ts'
import { compareAnswer, contractPlace } from './compare-answer.ts'
import { type AnswerPart, type Entities, fieldBehind, givenAnswer } from './given-type.ts'
import type { ContractAnswer, ContractOperation } from './operations.ts'
import type { ContractReading, Part } from './references.ts'
import { allowsNull, type ContractSchema, schemaOf } from './schema.ts'
import { knownMedia } from './slots.ts'

/** The answer of a bound action. */
export interface BoundAnswer {
  readonly status: number | null
  readonly type: ActionAddress['type']
  readonly tree: AnswerTree
  /** The answer at the address of the operation, if members of it are left out where they are null; otherwise null. */
  readonly sparse: AnswerTree | null
}

/** The answer of an action as its operation has it. */
export function bindAnswer(bound: OperationOfAction, binding: ContractBinding): BoundAnswer {
  const { action } = bound
  const success = successOf(bound, binding)
  const own = bound.type ?? (action.page === null ? 'json' : 'html')
  if (success === null) return { status: null, type: own, tree: action.answer, sparse: null }
  const { status, answer } = success
  if (bound.redirect !== null) return { status, type: 'json', tree: action.answer, sparse: null }
  const isEmpty = answer.media.size === 0 || status === 204
  // A row action answers its row unless the design or the contract says something else.
  const tree: AnswerTree = isEmpty && !bound.answers && action.run === null ? { kind: 'none' } : action.answer
  const type = isEmpty ? own : mediaOf(answer, own)
  const schema = type === 'json' && !isEmpty ? schemaIn(answer) : null
  const shown = schema === null ? tree : withAbsent(tree, schema, binding)
  const given = givenAnswer({ ...action, answer: shown }, binding.entities)
  reportForm({ bound, binding }, { given, isEmpty, status, answer, type, own })
  if (given !== null && schema !== null) {
    const misfits = compareAnswer(given, schema, { reading: binding.reading, action: action.name, label: '' })
    for (const misfit of misfits) addMisfit(binding.report, misfit)
  }
  return { status, type: type ?? own, tree, sparse: shown === tree ? null : shown }
}

interface Success {
  readonly status: number
  readonly answer: ContractAnswer
}

/** The single success of an operation, or the one that the design names; null, with a finding, for none or several. */
function successOf({ action, operation, status, redirect }: OperationOfAction, { reading, report }: ContractBinding): Success | null {
  const leads = redirect !== null
  const usual = leads ? SEE_OTHER : 200
  const all = successes(operation, { leads, other: status ?? usual })
  const chosen = status === null ? all : all.filter((one) => one.status === status)
  const [only] = chosen
  if (only !== undefined && chosen.length === 1) return only
  const listed = either(all.map((one) => String(one.status)))
  const title = titleOf(operation)
  const where = contractPlace(reading, operation.at)
  const name = operation.name.includes(' ') ? title : operation.name
  if (all.length === 0) {
    const what = leads ? 'redirect' : 'status for success'
    const hint =
      !leads && successes(operation, { leads: true, other: usual }).length > 0
        ? 'it has redirects: write redirect under endpoint'
        : 'add one to the contract'
    report.add('PLN-D585', action.at, `${title} lists no ${what} (${where})`, hint)
  } else if (status !== null)
    report.add('PLN-D585', [...action.at, 'endpoint'], `${title} does not answer ${status} (${where})`, `write one of ${listed}`)
  else {
    const hint = `choose one: endpoint: { at: ${name}, status: ${all[0]?.status} }`
    report.add('PLN-D585', action.at, `${title} has several statuses for success, ${listed} (${where})`, hint)
  }
  return null
}

/** The answers of an operation that an action may give: its redirects if the action leads to another address, else its successes. */
function successes(
  { answers }: ContractOperation,
  { leads, other }: { readonly leads: boolean; readonly other: number },
): readonly Success[] {
  const isOne = (status: number): boolean => (leads ? REDIRECT_STATUSES.includes(status) : status >= 200 && status < 300)
  const found = [...answers].flatMap(([name, answer]): readonly Success[] => {
    if (isOne(Number(name))) return [{ status: Number(name), answer }]
    return name === (leads ? '3XX' : '2XX') ? [{ status: other, answer }] : []
  })
  const rest = answers.get('default')
  return found.length === 0 && rest !== undefined ? [{ status: other, answer: rest }] : found
}

/** The form in which the answer is made: that of the design if the contract has it; null if there is none in common. */
function mediaOf({ media }: ContractAnswer, own: ActionAddress['type']): ActionAddress['type'] | null {
  const known = new Set([...media.keys()].map(knownMedia))
  if (known.has(own)) return own
  return own === 'json' && known.has('csv') ? 'csv' : null
}

function schemaIn({ media }: ContractAnswer): Part | null {
  const found = [...media].find(([type]) => knownMedia(type) === 'json')
  return found?.[1] ?? null
}

interface AnswerForm {
  readonly given: AnswerPart | null
  readonly isEmpty: boolean
  readonly status: number
  readonly answer: ContractAnswer
  readonly type: ActionAddress['type'] | null
  readonly own: ActionAddress['type']
}

function reportForm(
  { bound, binding }: { readonly bound: OperationOfAction; readonly binding: ContractBinding },
  { given, isEmpty, status, answer, type, own }: AnswerForm,
): void {
  const { action, operation } = bound
  const { reading, report } = binding
  const title = titleOf(operation)
  const where = contractPlace(reading, answer.at)
  if (isEmpty && given !== null) {
    const message = `${action.name} has an answer, and ${title} answers ${status} without a body (${where})`
    report.add('PLN-D585', given.at, message, 'remove the answer')
  }
  if (!isEmpty && given === null)
    report.add('PLN-D585', action.at, `${action.name} has no answer, and ${title} answers ${status} with a body (${where})`, 'add answer')
  if (type !== null || given === null) return
  const types = either([...answer.media.keys()].map(quote))
  const message = `${title} answers ${types} (${where}), and ${action.name} answers ${own}`
  report.add('PLN-D585', given.at, message, 'give the action the type under endpoint, or change the contract')
}

/** What finding members that are left out needs. */
interface Leaving {
  readonly reading: ContractReading
  readonly entities: Entities
}

/** The answer with its members marked that are left out where they are null; the same tree if there are none. */
function withAbsent(tree: AnswerTree, part: Part, leaving: Leaving): AnswerTree {
  const schema = schemaOf(leaving.reading, part)
  if (schema === null) return tree
  switch (tree.kind) {
    case 'object': {
      const members = tree.members.map((member) => marked(member, schema, leaving))
      return members.every((member, i) => member === tree.members[i]) ? tree : { ...tree, members }
    }
    case 'list': {
      const items = tree.key === null ? schema.items : schema.others
      const of = items === null || items === 'any' || items === 'refused' ? tree.of : withAbsent(tree.of, items, leaving)
      return of === tree.of ? tree : { ...tree, of }
    }
    case 'shape': {
      const of = withAbsent(tree.of, part, leaving)
      return of === tree.of ? tree : { ...tree, of }
    }
    case 'none':
    case 'row':
    case 'value':
    case 'token':
    case 'session':
    case 'constant':
    case 'output':
      return tree
    default:
      return unreachable(tree)
  }
}

/** A member with the members in it marked, and itself if its schema allows that it is missing and not that it is null. */
function marked(member: AnswerMember, schema: ContractSchema, leaving: Leaving): AnswerMember {
  const part = schema.members.get(member.name)
  if (part === undefined) return member
  const of = withAbsent(member.of, part, leaving)
  const inner = of === member.of ? member : { ...member, of }
  // In a choice between schemas, each alternative may require other members.
  if (schema.required.has(member.name) || schema.choices.length > 0 || isCertain(member.of, leaving.entities)) return inner
  const own = schemaOf(leaving.reading, part)
  return own === null || allowsNull(leaving.reading, own) ? inner : { ...inner, absent: true }
}

/** Whether a part is certain to have a value. */
function isCertain(tree: AnswerTree, entities: Entities): boolean {
  switch (tree.kind) {
    case 'object':
    case 'list':
    case 'none':
    case 'output':
      return true
    case 'constant':
      return tree.value !== null
    case 'value':
      return isCertainTerm(tree.value, entities)
    case 'row':
    case 'shape':
    case 'token':
    case 'session':
      return false
    default:
      return unreachable(tree)
  }
}

/** Whether a value is a constant, or a required field that every caller may read. Its row is there, or the answer has a finding. */
function isCertainTerm(term: Term, entities: Entities): boolean {
  if (term.kind === 'literal') return true
  if (term.kind !== 'field' || term.row.hops.length > 0) return false
  const field = fieldBehind(term.row, term.field, entities)
  return field !== undefined && !field.optional && field.type.kind !== 'computed' && isAlways(field.read)
}
