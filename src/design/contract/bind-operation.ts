/** Gives one action the address of its operation, and compares both. */

import type { Action, ActionInput } from '../../model/action.ts'
import { type ActionAddress, type InputSource, NO_NEEDS } from '../../model/address/action-address.ts'
import { camel } from '../endpoints/names.ts'
import { didYouMean, either, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { bindAnswer } from './bind-answer.ts'
import { addMisfit, type ContractBinding, type OperationOfAction, titleOf } from './binding.ts'
import { contractPlace } from './compare-answer.ts'
import { compareInput } from './compare-input.ts'
import { reportFailures } from './failures.ts'
import { type MatchedInputs, matchInputs } from './match-inputs.ts'
import { type BodyForm, bodyForm, parameterSlots, type Slot, unheldBody, wholeName } from './slots.ts'

const NO_BODY: BodyForm = { accepts: 'json', slots: [], others: 'refused', needs: NO_NEEDS }

/** The action at the address of its operation. What does not fit becomes a finding. */
export function bindOperation(bound: OperationOfAction, binding: ContractBinding): Action {
  const { action, operation } = bound
  const { reading, report, entities } = binding
  checkAddress(bound, binding)
  const parameters = parameterSlots(operation)
  const form = bodyOf(bound, binding)
  const entity = action.entity === null ? undefined : entities.get(action.entity)
  const matched = matchInputs(action, [...parameters, ...form.slots], entity)
  reportUnmatched(bound, matched, { binding, parameters, form })
  for (const { input, slot } of matched.pairs) {
    const use = { input, required: slot.required, inBody: slot.place === 'body', at: inputAt(action, input) }
    for (const misfit of compareInput(use, slot.schema, { reading, action: action.name, label: wholeName(slot) })) addMisfit(report, misfit)
    reportPlace(input, slot, { at: use.at, binding })
  }
  const answer = bindAnswer(bound, binding)
  const { servedAt } = bound
  const servedName = ({ name, place }: Slot): string => (place === 'path' ? (servedAt.names.get(name) ?? name) : name)
  const address: ActionAddress = {
    ...action.address,
    method: operation.method,
    path: servedAt.path,
    own: true,
    status: answer.status,
    type: answer.type,
    redirect: bound.redirect,
    accepts: form.accepts,
    others: form.others,
    needs: form.needs,
    row: matched.row === null ? null : { ...matched.row.parameter, parameter: servedName(matched.row.slot) },
  }
  const sources = new Map(
    matched.pairs.map(({ input, slot }): [string, InputSource] => [
      input.name,
      {
        in: slot.place,
        name: servedName(slot),
        ...(slot.inside === null ? {} : { inside: slot.inside }),
        ...(slot.separator === null || input.type.type.kind !== 'list' ? {} : { separator: slot.separator }),
      },
    ]),
  )
  const inputs = action.inputs.map((input) => ({ ...input, from: sources.get(input.name) ?? input.from }))
  const served: Action = { ...action, answer: answer.tree, restAnswer: answer.sparse, address, inputs }
  reportFailures({ ...bound, action: served }, binding)
  return served
}

/** The form of the body. One that the action cannot read is reported. */
function bodyOf({ action, operation }: OperationOfAction, { reading, report }: ContractBinding): BodyForm {
  const { body, method } = operation
  if (body === null) return NO_BODY
  const title = titleOf(operation)
  const where = contractPlace(reading, body.at)
  const names = action.inputs.map(({ name }) => name)
  const form = bodyForm(reading, body, names)
  if (form === null) {
    const message = `${title} takes a body of ${either([...body.media.keys()])} (${where}), which no action reads`
    report.add('PLN-D585', action.at, message, 'let the contract take application/json, or a form')
    return NO_BODY
  }
  const unheld = unheldBody(reading, body)
  if (unheld !== null) {
    const message = `${title} takes ${unheld} as its body (${where}), and an action has inputs with names`
    report.add('PLN-D585', action.at, message, 'let the contract take an object with members')
  }
  if (method !== 'GET') return form
  if (form.slots.length > 0) {
    const message = `${title} has a body (${where}), and the body of a GET is not read`
    report.add('PLN-D585', action.at, message, 'let the contract use POST, or send the values in the query')
  }
  return NO_BODY
}

function inputAt(action: Action, { name }: ActionInput): Path {
  return [...action.at, 'input', name]
}

/**
 * Reports a password outside of the body, and any JSON in a path or a header, which has one text. A list is a text with separators there.
 */
function reportPlace(
  { type: { type } }: ActionInput,
  { name, place, at: slotAt }: Slot,
  { at, binding: { reading, report } }: { readonly at: Path; readonly binding: ContractBinding },
): void {
  if (type.kind === 'password' && place !== 'body') {
    const message = `a password in the ${PLACE_WORDS[place]} ${quote(name)} (${contractPlace(reading, slotAt)}) is kept in logs`
    report.add('PLN-D571', at, message, 'let the contract send it in the body')
  }
  const isJson = type.kind === 'scalar' && type.scalar === 'json'
  if (!isJson || (place !== 'path' && place !== 'header')) return
  const message = `the ${PLACE_WORDS[place]} ${quote(name)} (${contractPlace(reading, slotAt)}) is one text, which cannot hold this type`
  report.add('PLN-D571', at, message, 'write { type: list, of: … } for a list, or let the contract send it in the query or the body')
}

/** A path whose segments have plain characters and names in braces, with a plain character between two names. */
const SERVABLE = /^(?:\/|(?:\/(?:[\w.~%:-]|\{[A-Za-z][\w-]*\}(?!\{))+)+\/?)$/

/** Whether the router can serve a path. */
export function isServable(path: string): boolean {
  return SERVABLE.test(path)
}

function checkAddress({ action, operation }: OperationOfAction, { reading, report }: ContractBinding): void {
  const title = titleOf(operation)
  const where = contractPlace(reading, operation.at)
  if (!isServable(operation.path)) {
    const message = `the path of ${title} has a form that is not routed (${where}): a segment has plain characters, and names in braces with plain characters between them`
    report.add('PLN-D584', action.at, message, 'change the path in the contract')
  }
  if (operation.method === 'GET' && !action.reads) {
    const message = `${title} is a GET, and ${action.name} writes (${where})`
    report.add('PLN-D584', action.at, message, 'let the contract use POST, or let the action only read')
  }
}

interface Sent {
  readonly binding: ContractBinding
  readonly parameters: readonly Slot[]
  readonly form: BodyForm
}

/** Reports values of the operation that are no input, inputs that the operation lacks, and a row that the path does not find. */
function reportUnmatched({ action, operation }: OperationOfAction, matched: MatchedInputs, { binding, parameters, form }: Sent): void {
  const { reading, report } = binding
  const title = titleOf(operation)
  const all = [...parameters, ...form.slots]
  const slots = all.map(wholeName)
  for (const input of matched.inputs) {
    const near = didYouMean(input.name, slots)
    const message = `${title} has no input ${quote(input.name)} (${contractPlace(reading, operation.at)})${near}`
    const has = slots.length === 0 ? 'it has none' : `it has ${slots.join(', ')}`
    report.add('PLN-D536', inputAt(action, input), message, near === '' ? has : undefined)
  }
  const names = action.inputs.map(({ name }) => name)
  for (const slot of matched.slots) {
    // A header that no action reads changes nothing.
    if (slot.place === 'header' && !slot.required) continue
    const message = `${title} has the ${PLACE_WORDS[slot.place]} ${quote(wholeName(slot))}, which is no input of ${action.name} (${contractPlace(reading, slot.at)})`
    report.add('PLN-D536', [...action.at, 'input'], `${message}${didYouMean(slot.name, names)}`, remedyFor(slot, all, action))
  }
  for (const { name, place, unread, at } of operation.parameters) {
    if (unread === null || place === 'cookie') continue
    const message = `${title} has the parameter ${quote(name)} in the style ${unread} (${contractPlace(reading, at)}), which is not read`
    report.add('PLN-D536', action.at, message, 'let the contract use the style form in a query, and simple in a path')
  }
  for (const { name, place, required, at } of operation.parameters) {
    if (place !== 'cookie' || !required) continue
    const message = `${title} needs the cookie ${quote(name)} (${contractPlace(reading, at)}), and no input is read from cookies`
    report.add('PLN-D536', action.at, message, 'let the contract send it as a header')
  }
  if (action.entity === null || matched.row !== null) return
  const message = `${action.name} is about one ${action.entity}, and no parameter of ${title} finds it (${contractPlace(reading, operation.at)})`
  report.add(
    'PLN-D536',
    action.at,
    message,
    'name the parameter like a unique field or id, or write the action under actions of the design',
  )
}

const PLACE_WORDS: Readonly<Record<Slot['place'], string>> = {
  path: 'path parameter',
  query: 'query parameter',
  header: 'header',
  body: 'member of the body',
}

function remedyFor(slot: Slot, all: readonly Slot[], { entity }: Action): string {
  const { name, place } = slot
  const isShared = all.some((other) => other !== slot && other.name === name)
  const row = place === 'path' && entity !== null ? `, or make ${name} a unique field of ${entity}` : ''
  return `add the input ${camel(isShared ? wholeName(slot) : name)}${row}`
}
