/** The operations that run actions, in an OpenAPI document. */

import { FAILURES } from '../../base/failures/failure-catalogue.ts'
import type { Action, ActionCode, ActionFailure, ActionInput, ActionStep } from '../../model/action.ts'
import { signInStepOf } from '../../model/action-tree.ts'
import { type ActionAddress, namesInPath } from '../../model/address/action-address.ts'
import { type Redirect, SEE_OTHER } from '../../model/address/redirect.ts'
import { restBase } from '../../model/address/served.ts'
import { signatureHeaderNames } from '../../model/address/signed.ts'
import { ANONYMOUS } from '../../model/caller.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import { ACTION_ENDPOINTS } from '../endpoints/action-endpoints.ts'
import type { ErrorStatus } from '../endpoints/endpoint.ts'
import { ownEndpoint } from '../endpoints/own-endpoints.ts'
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
import { serviceFailures } from './service-failures.ts'
import { unwrittenCode } from './unwritten-code.ts'

/** The path items of all actions that the reader of the document may call. */
export function actionPaths(scope: Scope, ownIds: ReadonlyMap<Action, string>, operationIds: Set<string>): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const action of scope.model.actions) {
    if (!isOpenAction(scope, action) || (!action.address.own && scope.model.served.rest === null)) continue
    const path = pathOf(scope, action)
    const method = action.address.method.toLowerCase()
    const atPath = action.address.own ? paths[path] : rowParameter(scope, action)
    const { entity, name } = action
    const id = ownIds.get(action) ?? freeName(operationIds, entity === null ? name : `${name}${entity}`)
    paths[path] = { ...atPath, [method]: operation(scope, action, id) }
  }
  return paths
}

/** The ids of the operations at addresses of their own: the names of their actions. */
export function ownOperationIds(scope: Scope, operationIds: Set<string>): ReadonlyMap<Action, string> {
  const own = scope.model.actions.filter((action) => action.address.own && isOpenAction(scope, action))
  return new Map(own.map((action) => [action, freeName(operationIds, action.name)]))
}

/** The codes that the actions of a design declare, each once. */
export function declaredCodes({ actions, codes }: Model): readonly string[] {
  const thrown = actions.some(({ run }) => run !== null) ? codes : []
  return [...new Set([...actions.flatMap(({ steps }) => steps.flatMap(elseOf)), ...thrown].map(({ code: one }) => one))]
}

/** The codes with which one action may stop, each once: of its steps, or for code those of the design. */
export function codesOf({ codes }: Pick<Model, 'codes'>, { steps, run }: Action): readonly string[] {
  return [...new Set((run === null ? steps.flatMap(elseOf) : codes).map(({ code: one }) => one))]
}

function elseOf(step: ActionStep): readonly ActionFailure[] {
  return 'else' in step && step.else !== null ? [step.else] : []
}

/** Whether an action can be called by the reader of the document. */
export function isOpenAction({ caller }: Scope, { allow }: Action): boolean {
  return !isNever(caller === null ? allow : specialise(allow, caller))
}

/** The path of an action, with the names of its parameters in braces. */
export function pathOf({ model }: Scope, { entity, name, address }: Action): string {
  if (address.own || entity === null) return address.path
  return `${restBase(model)}/${encodeURIComponent(entityNamed(model, entity).path)}/{id}/${name}`
}

function rowParameter({ model }: Scope, { entity }: Action): JsonObject {
  if (entity === null) return {}
  const schema = answeredSchema(idOf(entityNamed(model, entity)).type)
  return { parameters: [{ name: 'id', in: 'path', required: true, description: `Id of the ${prose(entity)}.`, schema }] }
}

function operation(scope: Scope, action: Action, operationId: string): JsonObject {
  const { entity, name, inputs, transition, address, isolation } = action
  const endpoint = address.own ? ownEndpoint(action) : ACTION_ENDPOINTS[endpointOf(action)]
  const inBody = inputs.filter(({ from }) => from.in === 'body')
  const rule = scope.showRules && action.allowSource !== null ? ` Who may call it: ${code(action.allowSource)}.` : ''
  const move =
    transition === null ? '' : ` Moves ${code(transition.field)} from ${transition.from.map(code).join(' or ')} to ${code(transition.to)}.`
  return {
    operationId,
    summary: entity === null ? `Run ${prose(name)}` : `Run ${prose(name)} on one ${prose(entity)}`,
    description:
      `${prose(action.description ?? '')}${move}${isolation === 'serializable' ? SERIALIZABLE : ''}${rule}`.trim() ||
      `The action ${code(name)}.`,
    tags: [entity ?? 'actions'],
    security: isNever(specialise(action.allow, ANONYMOUS)) ? signedIn(scope) : anyone(scope),
    // No transaction around such an action keeps its answer.
    parameters: [
      ...headerParameters({ ...endpoint, idempotent: endpoint.idempotent && action.run?.ownTransaction !== true }),
      ...(address.own ? pathParameters(scope, action) : []),
      ...inputs.flatMap(inputParameter),
      ...signatureParameters(address),
    ],
    ...(inBody.length === 0
      ? {}
      : { requestBody: { required: inBody.some(isRequired), content: sentContent(address, bodySchema(inBody, address), inBody) } }),
    responses: {
      ...answerResponse(scope, action),
      ...failuresOf(scope.model, action, endpoint.failures),
      ...unwrittenCode(scope.model, action),
      ...serviceFailures(scope.model, action),
    },
  }
}

const SERIALIZABLE = ` Runs as if no other serializable action ran at the same time. After a conflict it runs again, at most three times, and then the answer is 409 ${code('write_conflict')}.`

function endpointOf({ entity, reads }: Action): keyof typeof ACTION_ENDPOINTS {
  if (entity === null) return reads ? 'runReadingAction' : 'runAction'
  return reads ? 'runReadingRowAction' : 'runRowAction'
}

/** Whether a caller must send an input. */
export function isRequired(input: ActionInput): boolean {
  return !input.optional && input.default === null
}

/** The parameters of the path of an action's own, in the order of the path. */
function pathParameters({ model }: Scope, { entity, inputs, address }: Action): readonly JsonObject[] {
  return namesInPath(address.path).flatMap((name): readonly JsonObject[] => {
    const input = inputs.find(({ from }) => from.in === 'path' && from.name === name)
    const given = { name, in: 'path', required: true }
    if (input !== undefined) return [{ ...given, ...describedAs(input), schema: valueSchema(input) }]
    if (entity === null || address.row === null) return []
    const { type } = fieldNamed(entityNamed(model, entity), address.row.by)
    const named = address.row.by === 'id' ? 'Id' : code(address.row.by)
    return [{ ...given, description: `${named} of the ${prose(entity)}.`, schema: answeredSchema(type) }]
  })
}

/** The parameter of an input in the query or in a header. */
function inputParameter(input: ActionInput): readonly JsonObject[] {
  const { from } = input
  if (from.in !== 'query' && from.in !== 'header') return []
  return [{ name: from.name, in: from.in, required: isRequired(input), ...describedAs(input), schema: valueSchema(input) }]
}

/** The headers of a signature. */
function signatureParameters({ signed }: ActionAddress): readonly JsonObject[] {
  if (signed === null) return []
  const { scheme } = signed
  const of = scheme.kind === 'standard' ? 'Standard Webhooks' : `an HMAC-${scheme.algorithm.toUpperCase()}`
  return signatureHeaderNames(scheme).map((name) => ({
    name,
    in: 'header',
    required: true,
    description: `The request is signed: ${of}.`,
    schema: { type: 'string' },
  }))
}

/** The body with the inputs, and with the members that contain some. */
function bodySchema(inputs: readonly ActionInput[], { others }: ActionAddress): JsonObject {
  const additional = others === 'ignored'
  const own = inputSchema(
    inputs.filter(({ from }) => from.inside === undefined),
    additional,
  )
  const groups = containersOf(inputs)
  if (groups.length === 0) return own
  const needed = groups.flatMap(([member, inside]) => (inside.some(isRequired) ? [member] : []))
  const required = [...((own.required as readonly string[] | undefined) ?? []), ...needed]
  const inner = Object.fromEntries(groups.map(([member, inside]) => [member, inputSchema(inside, additional)]))
  return {
    type: 'object',
    properties: { ...(own.properties as JsonObject), ...inner },
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: additional,
  }
}

/** The members of a body that contain inputs, with these. */
function containersOf(inputs: readonly ActionInput[]): readonly (readonly [string, readonly ActionInput[]])[] {
  return [...Map.groupBy(inputs, ({ from }) => from.inside)].flatMap(([member, inside]) =>
    member === undefined ? [] : [[member, inside] as const],
  )
}

function inputSchema(inputs: readonly ActionInput[], additional: boolean): JsonObject {
  const required = inputs.filter(isRequired).map(({ from }) => from.name)
  return {
    type: 'object',
    properties: Object.fromEntries(inputs.map((input) => [input.from.name, { ...valueSchema(input), ...describedAs(input) }])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: additional,
  }
}

function describedAs({ description, type }: ActionInput): JsonObject {
  const about = type.kind === 'reference' ? `The ${code(type.by)} of the ${type.entity}.` : null
  const text = [description === null ? null : prose(description), about].filter((one) => one !== null).join(' ')
  return text === '' ? {} : { description: text }
}

/** The schema of the value of an input. */
export function valueSchema(input: ActionInput): JsonObject {
  const schema = sentSchema(input.type.type)
  const known = input.nullable ? nullable(schema) : schema
  return input.default === null ? known : { ...known, default: input.default.value }
}

/** The body of a request, in the media type that the address takes. */
function sentContent({ accepts }: ActionAddress, schema: JsonObject, inputs: readonly ActionInput[]): JsonObject {
  if (accepts === 'json') return json(schema, undefined)
  // The names of members inside of others have brackets: `user[name]`.
  const nested = containersOf(inputs).map(([member]) => [member, { style: 'deepObject', explode: true }])
  const encoding = nested.length === 0 ? {} : { encoding: Object.fromEntries(nested) }
  return { 'application/x-www-form-urlencoded': { schema, ...encoding } }
}

const TEXT_ANSWERS = { csv: 'A table in CSV (RFC 4180) with a header.', html: 'A page.' } as const

function answerResponse(scope: Scope, { answer, reads, run, address }: Action): JsonObject {
  const headers = reads ? {} : { headers: REPLAYED }
  const { type, status, redirect } = address
  if (redirect !== null) return redirectResponse(redirect, status, reads ? {} : REPLAYED)
  if (type !== 'json') {
    const content = { [`text/${type}`]: { schema: { type: 'string' } } }
    return { [status ?? 200]: { description: TEXT_ANSWERS[type], ...headers, content } }
  }
  if (run !== null) return codeResponses(run, address, headers)
  if (answer.kind === 'none') return { [address.status ?? 204]: { description: 'Done.', ...headers } }
  return {
    [address.status ?? 200]: { description: 'The answer of the action.', ...headers, content: json(treeSchema(scope, answer), undefined) },
  }
}

/** The answer without a body that leads to another address. */
function redirectResponse({ source }: Redirect, status: number | null, headers: JsonObject): JsonObject {
  const location = { description: `Leads to ${code(source)}.`, schema: { type: 'string', format: 'uri-reference' } }
  return { [status ?? SEE_OTHER]: { description: 'Leads to another address.', headers: { Location: location, ...headers } } }
}

/** The schema of an answer in JSON; null for an answer without a body. */
export function answerSchemaOf(scope: Scope, { answer, run }: Action): JsonObject | null {
  if (run !== null) return codeSchema(run)
  return answer.kind === 'none' ? null : treeSchema(scope, answer)
}

function codeSchema({ output }: ActionCode): JsonObject {
  return output.length === 0 ? {} : outputSchema(output)
}

/** The answers of code: its output, or without one any value or none. */
function codeResponses(run: ActionCode, { status }: ActionAddress, headers: JsonObject): JsonObject {
  const { output } = run
  const content = json(codeSchema(run), undefined)
  const answer = { [status ?? 200]: { description: 'The answer of the action.', ...headers, content } }
  return output.length === 0 && status === null ? { ...answer, 204: { description: 'Done.', ...headers } } : answer
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
function failuresOf({ codes }: Model, { steps, transition, allow, run, address }: Action, statuses: readonly ErrorStatus[]): JsonObject {
  const isOpen = isAlways(allow) && signInStepOf({ steps }) === undefined && address.signed === null
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
