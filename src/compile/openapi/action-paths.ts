/** The operations that run actions, in an OpenAPI document. */

import { FAILURES } from '../../base/failure.ts'
import type { Action, ActionCode, ActionFailure, ActionInput, ActionStep } from '../../model/action.ts'
import { signInStepOf } from '../../model/action-tree.ts'
import { ANONYMOUS } from '../../model/caller.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import { ACTION_ENDPOINTS } from '../endpoints/action-endpoints.ts'
import type { ErrorStatus } from '../endpoints/endpoint.ts'
import { specialise } from '../rules/specialise.ts'
import { answeredSchema, nullable, sentSchema } from '../values/schemas.ts'
import { REPLAYED } from './account-answers.ts'
import { treeSchema } from './answer-schemas.ts'
import { code, componentRef, freeName, type JsonObject, prose } from './component-names.ts'
import { errorResponses, problemExampleOf } from './errors.ts'
import { headerParameters } from './parameters.ts'
import { json } from './paths.ts'
import { idOf, type Scope } from './scope.ts'
import { anyone, signedIn } from './security.ts'
import { unwrittenCode } from './unwritten-code.ts'

/** The path items of all actions that the reader of the document may call. */
export function actionPaths(scope: Scope, operationIds: Set<string>): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const action of scope.model.actions) {
    if (!isOpenAction(scope, action)) continue
    const method = action.reads ? 'get' : 'post'
    paths[pathOf(scope, action)] = { ...rowParameter(scope, action), [method]: operation(scope, action, operationIds) }
  }
  return paths
}

/** The codes that the actions of a design declare, each once. */
export function declaredCodes({ actions, codes }: Model): readonly string[] {
  const thrown = actions.some(({ run }) => run !== null) ? codes : []
  return [...new Set([...actions.flatMap(({ steps }) => steps.flatMap(elseOf)), ...thrown].map(({ code: one }) => one))]
}

function elseOf(step: ActionStep): readonly ActionFailure[] {
  return 'else' in step && step.else !== null ? [step.else] : []
}

/** Whether an action can be called by the reader of the document. */
function isOpenAction({ caller }: Scope, { allow }: Action): boolean {
  return !isNever(caller === null ? allow : specialise(allow, caller))
}

function pathOf({ model }: Scope, { entity, name }: Action): string {
  if (entity === null) return `/api/actions/${name}`
  return `/api/${encodeURIComponent(entityNamed(model, entity).path)}/{id}/${name}`
}

function rowParameter({ model }: Scope, { entity }: Action): JsonObject {
  if (entity === null) return {}
  const schema = answeredSchema(idOf(entityNamed(model, entity)).type)
  return { parameters: [{ name: 'id', in: 'path', required: true, description: `Id of the ${prose(entity)}.`, schema }] }
}

function operation(scope: Scope, action: Action, operationIds: Set<string>): JsonObject {
  const { entity, name, reads, inputs, transition } = action
  const endpoint = ACTION_ENDPOINTS[endpointOf(action)]
  const rule = scope.showRules && action.allowSource !== null ? ` Who may call it: ${code(action.allowSource)}.` : ''
  const move =
    transition === null ? '' : ` Moves ${code(transition.field)} from ${transition.from.map(code).join(' or ')} to ${code(transition.to)}.`
  const verb = entity === null ? name : `${name}${entity}`
  return {
    operationId: freeName(operationIds, verb),
    summary: entity === null ? `Run ${prose(name)}` : `Run ${prose(name)} on one ${prose(entity)}`,
    description: `${prose(action.description ?? '')}${move}${rule}`.trim() || `The action ${code(name)}.`,
    tags: [entity ?? 'actions'],
    security: isNever(specialise(action.allow, ANONYMOUS)) ? signedIn(scope) : anyone(scope),
    // No transaction around such an action keeps its answer.
    parameters: [
      ...headerParameters({ ...endpoint, idempotent: endpoint.idempotent && action.run?.ownTransaction !== true }),
      ...(reads ? inputs.map(queryParameter) : []),
    ],
    ...(reads || inputs.length === 0
      ? {}
      : { requestBody: { required: inputs.some(isRequired), content: json(inputSchema(inputs), undefined) } }),
    responses: {
      ...answerResponse(scope, action),
      ...failuresOf(scope.model, action, endpoint.failures),
      ...unwrittenCode(scope.model, action),
    },
  }
}

function endpointOf({ entity, reads }: Action): keyof typeof ACTION_ENDPOINTS {
  if (entity === null) return reads ? 'runReadingAction' : 'runAction'
  return reads ? 'runReadingRowAction' : 'runRowAction'
}

function isRequired(input: ActionInput): boolean {
  return !input.optional && input.default === null
}

function queryParameter(input: ActionInput): JsonObject {
  return { name: input.name, in: 'query', required: isRequired(input), ...describedAs(input), schema: valueSchema(input) }
}

function inputSchema(inputs: readonly ActionInput[]): JsonObject {
  const required = inputs.filter(isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(inputs.map((input) => [input.name, { ...valueSchema(input), ...describedAs(input) }])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

function describedAs({ description, type }: ActionInput): JsonObject {
  const about = type.kind === 'reference' ? `The ${code(type.by)} of the ${type.entity}.` : null
  const text = [description === null ? null : prose(description), about].filter((one) => one !== null).join(' ')
  return text === '' ? {} : { description: text }
}

function valueSchema(input: ActionInput): JsonObject {
  const schema = sentSchema(input.type.type)
  const known = input.nullable ? nullable(schema) : schema
  return input.default === null ? known : { ...known, default: input.default.value }
}

function answerResponse(scope: Scope, { answer, reads, run }: Action): JsonObject {
  const headers = reads ? {} : { headers: REPLAYED }
  if (run !== null) return codeResponses(run, headers)
  if (answer.kind === 'none') return { 204: { description: 'Done.', ...headers } }
  return { 200: { description: 'The answer of the action.', ...headers, content: json(treeSchema(scope, answer), undefined) } }
}

/** The answers of code: its output, or without one any value or none. */
function codeResponses({ output }: ActionCode, headers: JsonObject): JsonObject {
  const content = json(output.length === 0 ? {} : outputSchema(output), undefined)
  const answer = { 200: { description: 'The answer of the action.', ...headers, content } }
  return output.length === 0 ? { ...answer, 204: { description: 'Done.', ...headers } } : answer
}

function outputSchema(outputs: readonly ActionInput[]): JsonObject {
  const required = outputs.filter(({ optional }) => !optional).map(({ name }) => name)
  const schemaOf = ({ type, nullable: mayBeNull, optional }: ActionInput): JsonObject => {
    const schema = answeredSchema(type.type)
    return mayBeNull || optional ? nullable(schema) : schema
  }
  return {
    type: 'object',
    properties: Object.fromEntries(outputs.map((output) => [output.name, { ...schemaOf(output), ...describedAs(output) }])),
    ...(required.length === 0 ? {} : { required }),
  }
}

/** The failures of the endpoint, and those that the design declares. The codes of the design stand under their status. */
function failuresOf({ codes }: Model, { steps, transition, allow, run }: Action, statuses: readonly ErrorStatus[]): JsonObject {
  const isOpen = isAlways(allow) && signInStepOf({ steps }) === undefined
  const declared = run === null ? steps.flatMap(elseOf) : codes
  const known = new Set<number>(statuses.filter((status) => status !== 401 || !isOpen))
  const own = Map.groupBy(declared, ({ status }) => status)
  const all = errorResponses([...known] as ErrorStatus[])
  const named = [...own].map(([status, failures]) => [status, responseOf(status, failures, transition !== null)] as const)
  return { ...all, ...Object.fromEntries(named) }
}

function responseOf(status: number, failures: readonly ActionFailure[], moves: boolean): JsonObject {
  const built = Object.entries(FAILURES).filter(([key, facts]) => facts.status === status && (moves || key !== 'illegal_transition'))
  const codes = [...new Set([...failures.map((one) => one.code), ...built.map(([key]) => key)])].filter(
    (one) => one !== 'refused_by_design',
  )
  const [first] = failures
  const schema = { allOf: [componentRef('schemas', 'Problem'), { type: 'object', properties: { code: { enum: codes } } }] }
  const about = [...new Map(failures.map((one) => [one.code, `${code(one.code)}: ${prose(one.message)}.`])).values()].join(' ')
  const example = first === undefined ? undefined : problemExampleOf(first)
  return { description: about, content: { 'application/problem+json': { schema, ...(example === undefined ? {} : { example }) } } }
}
