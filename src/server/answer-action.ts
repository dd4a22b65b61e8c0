/** Answers the requests that run actions. */

import { failure } from '../base/failure.ts'
import { LIMITS } from '../base/limits.ts'
import { memo } from '../base/memo.ts'
import type { Values } from '../base/sql/statement.ts'
import type { Action } from '../model/action.ts'
import type { Model } from '../model/model.ts'
import { keepsRows, prepareAction, requireCallable } from './actions/perform-action.ts'
import { bodyOfForm } from './actions/read-form.ts'
import { readInput, readQuery } from './actions/read-input.ts'
import { readRequest } from './actions/read-request.ts'
import { transactionOf } from './actions/transaction-of.ts'
import { headerOf } from './handlers.ts'
import type { Answer } from './http/answer.ts'
import type { FormPairs } from './http/media/form.ts'
import { FailedWithPage, getsPage } from './http/refusal.ts'
import type { PathParameters } from './http/request.ts'
import type { Addresses } from './http/route.ts'
import { inMediaType } from './pages/answer-media.ts'
import { sentTexts } from './pages/sent-texts.ts'
import { queryOf, type Received } from './receive.ts'
import { readVersions } from './rest/rest-intent.ts'
import { explainWeakTags } from './rest/weak-tags.ts'
import { signing } from './run/cookies.ts'
import { stackForRequest } from './run/for-client.ts'
import type { Stack } from './run/stack.ts'
import { keyedStack, performOnce } from './write/idempotent.ts'

/** Runs the action that a request names. @throws Failure when the request is refused or fails. */
export async function answerAction(stack: Stack, { request, endpoint, caller, body, key }: Received): Promise<Answer> {
  const action = actionAt(stack.model, request.parameters)
  if (action === null) throw failure('route_not_found', { hint: '' })
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead !== action.reads) {
    const allow = methodsOf(action).join(', ')
    const refused = stack.answerFailure(failure('method_not_allowed', { allow }), request)
    return { ...refused, headers: { ...refused.headers, allow } }
  }
  return runAction(stack, action, { received: { request, endpoint, caller, body, key }, row: request.parameters.id ?? null }, () =>
    readInput(action, isRead ? readQuery(action.inputs, new URLSearchParams(queryOf(request))) : body),
  )
}

/** Runs an action at an address of its own. @throws Failure when the request is refused or fails. */
export async function answerOwnAction(stack: Stack, action: Action, received: Received): Promise<Answer> {
  const { request, body } = received
  const { parameters, headers } = request
  const row = action.address.row === null ? null : (parameters[action.address.row.parameter] ?? null)
  try {
    const answer = await runAction(stack, action, { received, row }, () =>
      readRequest(action, { parameters, headers, query: queryOf(request), body: sentBody(action, body) }),
    )
    return action.address.status === null ? answer : { ...answer, status: action.address.status }
  } catch (error) {
    throw withPage(action, received, error)
  }
}

/** The error with the page that the action has for it, if the client gets a page. */
function withPage(action: Action, { request, endpoint, body }: Received, error: unknown): unknown {
  const template = action.failurePage?.template ?? null
  if (template === null || !getsPage(endpoint, request.headers.accept)) return error
  const { parameters, headers } = request
  return new FailedWithPage(error, { template, sent: sentTexts(action, { parameters, headers, query: queryOf(request), body }) })
}

interface Asking {
  readonly received: Received
  /** The id of the row, or the value of the unique field that finds it; null for an action of the design. */
  readonly row: string | null
}

async function runAction(stack: Stack, action: Action, { received, row }: Asking, input: () => Values): Promise<Answer> {
  const { request, endpoint, caller, key } = received
  const { stack: plain, answered } = signing(stackForRequest(stack, request, caller), request)
  const own = keepsRows(action) ? keyedStack(plain, key) : plain
  const ifMatch = headerOf(request, 'if-match')
  const prepare = async () =>
    prepareAction(own, {
      caller,
      action,
      row,
      input,
      versions: action.reads ? null : readVersions(ifMatch),
    })
  const perform = async () =>
    performOnce(own, key, {
      prepare,
      withinMs: withinMsOf(action, endpoint.limit.transactionMs),
      ...transactionOf(action),
      judgeRepetition: () => requireCallable(own, action, caller),
    })
  const performed = await perform().catch((error: unknown) => {
    // Without a row, `If-Match` is not judged.
    throw row === null ? error : explainWeakTags(error, ifMatch)
  })
  const answer = inMediaType(stack.model, action, performed)
  stack.largeAnswers.require(answer.body?.length ?? 0, request)
  return answered(answer)
}

/** The members of a body in the media type of the address. */
function sentBody(action: Action, body: unknown): unknown {
  return action.address.accepts === 'form' && body !== undefined ? bodyOfForm(action, body as FormPairs) : body
}

/** The timeout of the transaction of an action; null for one that needs none around it, or whose code opens it. */
function withinMsOf({ run }: Action, stepsMs: number | null): number | null {
  if (run === null) return stepsMs
  return run.ownTransaction ? null : LIMITS.transactionMs
}

const actionsOf = memo((model: Model): ReadonlyMap<string, Action> => {
  const pathOf = ({ entity }: Action): string => model.entities.find(({ name }) => name === entity)?.path ?? ''
  const placed = model.actions.filter(({ address }) => !address.own)
  return new Map(placed.map((action) => [keyOf(pathOf(action), action.name), action]))
})

function actionAt(model: Model, { path = '', action = '' }: PathParameters): Action | null {
  return actionsOf(model).get(keyOf(path, action)) ?? null
}

/** A name has no space, so no two actions share a key. */
function keyOf(path: string, name: string): string {
  return `${path} ${name}`
}

/** The addresses of actions. */
export function actionAddresses(model: Model): Addresses {
  return {
    named: ['path', 'action'],
    has: (parameters) => actionAt(model, parameters) !== null,
    refuse: async () => {
      throw failure('route_not_found', { hint: '' })
    },
    methods: (parameters) => {
      const action = actionAt(model, parameters)
      return action === null ? null : methodsOf(action)
    },
  }
}

/** The addresses at the path of an action's own: all whose parts are not empty. */
export const OWN_ADDRESSES: Addresses = {
  named: [],
  has: (parameters) => Object.values(parameters).every((text) => text !== ''),
  refuse: async () => {
    throw failure('route_not_found', { hint: '' })
  },
  methods: () => null,
}

function methodsOf({ reads }: Action): readonly string[] {
  return reads ? ['GET', 'HEAD', 'OPTIONS'] : ['POST', 'OPTIONS']
}
