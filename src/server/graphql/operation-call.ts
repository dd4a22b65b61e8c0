/** Calls an operation of the server for a root field of a document. REST does the same at its addresses. */

import type { VariableValues } from 'graphql'
import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import type { Run } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ServerOperation } from '../../compile/graphql/operation-fields.ts'
import type { Caller } from '../../model/caller.ts'
import { getDelivery, listDeliveries, replayDelivery } from '../deliveries/delivery-operations.ts'
import { openTicketFor } from '../files/tickets.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import type { ActionCall } from './action-call.ts'
import { plainArguments } from './documents/argument-values.ts'
import type { OperationTemplate } from './documents/operation-template.ts'

interface Calling {
  readonly stack: Stack
  readonly caller: Caller
}

/** The answer of an operation, and the secrets in it, which an answer to a repetition does not have. */
interface Answered {
  readonly value: unknown
  readonly secrets?: readonly string[]
}

/** Reads the arguments of a call. @throws GraphqlRefusal for a null that is not allowed. */
export function operationCall({ stack, caller }: Calling, template: OperationTemplate, variables: VariableValues): ActionCall {
  const args = plainArguments(template.field, template.node, variables)
  return {
    prepare: async () => async (runner) => {
      const calling = { stack, caller, run: explained(runner.run) }
      const { value, secrets = [] } = await perform(calling, template.operation, args)
      return { answer: { status: 200, headers: {}, body: JSON.stringify(value) }, secrets, after: async () => {} }
    },
    place: (pointer) => pointer,
    jsonOf: (body) => template.select(parseJson(body ?? 'null')),
  }
}

type Arguments = Readonly<Record<string, unknown>>

async function perform(calling: Calling & { readonly run: Run }, operation: ServerOperation, args: Arguments): Promise<Answered> {
  const { stack } = calling
  switch (operation.kind) {
    case 'list-deliveries': {
      const after = typeof args.after === 'string' ? args.after : null
      const paging = { after, size: sizeIn(args), name: 'after' }
      const { deliveries, next } = await listDeliveries({ ...calling, of: operation.of, id: String(args.id) }, paging)
      const [first, last] = [deliveries.at(0)?.id ?? null, deliveries.at(-1)?.id ?? null]
      const pageInfo = { hasNextPage: next !== null, endCursor: last, hasPreviousPage: after !== null, startCursor: first }
      return { value: { nodes: deliveries, pageInfo } }
    }
    case 'get-delivery':
      return { value: await getDelivery({ ...calling, of: operation.of, id: String(args.id) }, String(args.delivery)) }
    case 'replay-delivery':
      return { value: await replayDelivery({ ...calling, of: operation.of, id: String(args.id) }, String(args.delivery)) }
    case 'open-upload': {
      const asked = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
      const ticket = await openTicketFor(stack, operation.place, { ...calling, owner: stack.client?.key ?? '', asked })
      return { value: ticket, secrets: [ticket.ticket, ticket.url] }
    }
    default:
      return unreachable(operation)
  }
}

/** @throws Failure `invalid_parameter`. */
function sizeIn({ first }: Arguments): number {
  if (first === null || first === undefined) return LIMITS.pageSizeDefault
  if (Number.isInteger(first) && Number(first) >= 1 && Number(first) <= LIMITS.pageSizeMax) return Number(first)
  throw failure('invalid_parameter', { name: 'first', why: `a whole number from 1 to ${LIMITS.pageSizeMax}` })
}
