/** Sends a call of a scenario through REST or GraphQL. */

import { actionLabel } from '../../model/action-tree.ts'
import { entityNamed } from '../../model/model.ts'
import type { ScenarioCall } from '../../model/parts/scenario.ts'
import type { ProbeRequest, ProbeTools } from '../cases/probe.ts'
import { type AbstractRequest, ALL, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import { callWith } from '../requests/action-request.ts'
import { REST } from '../requests/transport.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { sentValue, sentValues, type ValueContext } from './scenario-values.ts'

/** The most rows of a list that is asked. */
const PAGE = 100

/** What calls are sent with. */
export interface Sending {
  readonly tools: ProbeTools
  readonly reference: ReferenceBackend
  readonly context: ValueContext
  /** The access token of a caller by name. */
  readonly tokenOf: (name: string) => Promise<string>
}

/** A call as it was sent, and its answer in the form of REST. */
export interface SentCall {
  readonly sent: SentOverHttp
  readonly answer: Answered
}

/** Sends a call. */
export async function sendCall(call: ScenarioCall, { tools, reference, context, tokenOf }: Sending): Promise<SentCall> {
  const { model, design } = reference
  const token = call.as === null ? null : await tokenOf(call.as)
  const ask = (sent: SentOverHttp): Promise<Answered> => tools.send({ ...sent, token, undescribed: true } satisfies ProbeRequest)
  if (call.kind === 'call') {
    const sent = actionRequestOf(call, { reference, context })
    return { sent, answer: await ask(sent) }
  }
  const request = requestOf(call, context)
  const user = call.as === null ? null : String(context.rows.get(call.as)?.id)
  const now = referenceOf(design, model, await tools.rows())
  const caller = { reference: now, user, sight: now.sightOf(user) }
  const transport = call.through === 'graphql' ? GRAPHQL : REST
  const adapted = transport.adapt(caller, request)
  const sent = transport.encode(caller, adapted, null)
  return { sent, answer: transport.decode(caller, adapted, await ask(sent)) }
}

function actionRequestOf(
  call: Extract<ScenarioCall, { kind: 'call' }>,
  { reference, context }: Pick<Sending, 'reference' | 'context'>,
): SentOverHttp {
  const action = reference.model.actions.find((one) => actionLabel(one) === call.action)
  if (action === undefined) throw new Error(`no action ${call.action}`)
  const inputs = Object.fromEntries(
    Object.entries(call.input).map(([name, value]) => {
      const type = action.inputs.find((input) => input.name === name)?.type
      return [name, sentValue(value, type?.kind === 'reference' && type.by === 'id' ? type.entity : null, context)]
    }),
  )
  return callWith(action, idOf(call.row ?? '', context), inputs)
}

function requestOf(call: Exclude<ScenarioCall, { kind: 'call' }>, context: ValueContext): AbstractRequest {
  const { entity } = call
  switch (call.kind) {
    case 'get':
      return { kind: 'get', entity, id: idOf(call.row, context), selected: ALL }
    case 'delete':
      return { kind: 'delete', entity, id: idOf(call.row, context), version: null }
    case 'update': {
      const body = sentValues(entityNamed(context.model, entity), call.set, context)
      return { kind: 'update', entity, mode: 'patch', id: idOf(call.row, context), body, version: null, selected: ALL }
    }
    case 'create': {
      const row = sentValues(entityNamed(context.model, entity), call.set, context)
      return { kind: 'create', entity, rows: [row], many: false, selected: ALL }
    }
    case 'list': {
      const filters = call.where === null ? [] : [{ kind: 'expression' as const, source: call.where, names: [] }]
      return { kind: 'list', entity, filters, sort: [], size: PAGE, search: null, count: false, selected: ALL }
    }
  }
}

function idOf(name: string, { rows }: ValueContext): string {
  return String(rows.get(name)?.id ?? name)
}
