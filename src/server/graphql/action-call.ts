/** Runs an action for a root field of a document. REST runs the same statements; only the selected parts of the answer differ. */

import type { VariableValues } from 'graphql'
import { compositeKey } from '../../base/composite-key.ts'
import { memo } from '../../base/memo.ts'
import type { Values } from '../../base/sql/statement.ts'
import type { ActionNames } from '../../compile/graphql/names.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Action } from '../../model/action.ts'
import { NO_ADDRESS } from '../../model/address/action-address.ts'
import { prepareAction, type ShownAnswer } from '../actions/perform-action.ts'
import { readInput } from '../actions/read-input.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { planOutput } from '../plan/plan-output.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform } from '../write/idempotent.ts'
import { type InputPlace, placed } from './argument-pointers.ts'
import { bindPages, type PagePlanner } from './bind-pages.ts'
import { type ActionTemplate, apiOfAnswer } from './documents/action-template.ts'
import { plainArguments } from './documents/argument-values.ts'

/** What is needed to run an action. */
export interface ActionCalling extends PagePlanner {
  readonly stack: Stack
}

/** A call of an action whose arguments are known. */
export interface ActionCall {
  /** Checks the arguments and hashes passwords. @throws Failure when the call is refused. */
  readonly prepare: () => Promise<Perform>
  /** Translates the pointer of a problem into a pointer into the arguments. */
  readonly place: InputPlace
  /** The JSON of the field for the body of an answer. */
  readonly jsonOf: (body: string | null) => string
}

/** Reads the arguments of a call. @throws GraphqlRefusal for a page with invalid arguments, with the path of the page. */
export function actionCall(running: ActionCalling, template: ActionTemplate, variables: VariableValues): ActionCall {
  const { stack, caller } = running
  const { names } = template.called
  const action = withoutAddress(template.called.action)
  const api = apiOfAnswer(running.api, action)
  const planner = api === running.api ? running : { ...running, api, variant: { ...running.variant, view: api.view } }
  const shown = shownOf(planner, template, variables)
  const args = plainArguments(template.field, template.node, variables)
  const versions = action.entity !== null && typeof args.ifVersion === 'number' ? [args.ifVersion] : null
  const row = action.entity === null ? null : String(args.id)
  const body = bodyOf(names, args)
  return {
    prepare: () => prepareAction(stack, { caller, action, row, input: () => readInput(action, body), versions, shown }),
    place: placeOf(names),
    jsonOf: (answer) => fieldJson(template, answer),
  }
}

/** The action with inputs under the names of the design and the id of its row, as arguments have them. */
const withoutAddress = memo((action: Action): Action => {
  if (!action.address.own) return action
  const row = action.entity === null ? null : { parameter: 'id', by: 'id' }
  const inputs = action.inputs.map((input) => ({ ...input, from: { in: 'body', name: input.name } as const }))
  return { ...action, inputs, address: { ...NO_ADDRESS, row } }
})

/** Prepares and runs a call. @throws Failure whose pointers point into the arguments. */
export async function runCall({ stack }: ActionCalling, call: ActionCall): Promise<string> {
  const performed = call.prepare().then((perform) => perform(stack.executor))
  const { answer, after } = await placed(call, performed)
  await after()
  return call.jsonOf(answer.body)
}

/** The selected parts of the answer of code; other answers have them already. An action that answers nothing has the value true. */
function fieldJson({ outputs }: ActionTemplate, body: string | null): string {
  if (body === null) return 'true'
  if (outputs === null) return body
  const given: Readonly<Record<string, unknown>> = JSON.parse(body)
  const members = outputs.map(({ kind, key, name }) => {
    const value = kind === 'type' ? name : Object.hasOwn(given, name) ? given[name] : null
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`
  })
  return `{${members.join(',')}}`
}

/** A part that is JSON in the schema has no selection, so its rows are shown whole. */
function shownOf(planner: PagePlanner, { id, tree, rows, pages }: ActionTemplate, variables: VariableValues): ShownAnswer {
  const bound = bindPages(planner, pages, variables)
  const values: Values = Object.assign({}, ...bound.map((page) => page.rows.values))
  const outputOf: ShownAnswer['outputOf'] = (row) => {
    const { view } = planner.variant
    return rows.get(row)?.output(bound) ?? planOutput(view, viewOf(view, row.row.entity), EVERYTHING)
  }
  return { key: compositeKey([id, ...bound.flatMap(({ size, rows: planned }) => [size, planned.key])]), tree, outputOf, values }
}

/** The inputs under the names of the design. */
function bodyOf({ inputs }: ActionNames, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...inputs].flatMap(([name, argument]) => (Object.hasOwn(args, argument) ? [[name, args[argument]]] : [])))
}

function placeOf({ inputs }: ActionNames): InputPlace {
  return (pointer) => {
    const [, input = '', ...inner] = pointer.split('/')
    const argument = inputs.get(input)
    return argument === undefined ? pointer : ['', argument, ...inner].join('/')
  }
}
