/** Serves one design, calls its actions, and compares answers and all rows with the reference. */

import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { Action } from '../../../../src/model/action.ts'
import { actionNamed } from '../../../../src/model/action-tree.ts'
import type { Model } from '../../../../src/model/model.ts'
import type { Observation } from '../../../../src/server/http/observe.ts'
import { readKeys } from '../../../../src/services/identity/tokens/keys.ts'
import { openRowTokens } from '../../../../src/services/identity/tokens/row-tokens.ts'
import { type AllRows as Rows, referenceOf } from '../../../../src/verify/expected/reference.ts'
import { assignments, createdIn } from '../../../../src/verify/fold/new-rows.ts'
import type { ActionOutcome, CalledAction } from '../../../../src/verify/fold/outcome.ts'
import { isSame } from '../../../../src/verify/fold/rows-differ.ts'
import { type Secrets, withSecrets } from '../../../../src/verify/fold/secrets.ts'
import { actionLabelled, writtenLabel } from '../../../../src/verify/fold/written-actions.ts'
import { newPem } from '../../../identity/instances.ts'
import { type Ends, type TestBackend, testBackend } from '../../../support/backend.ts'
import { earlyClient } from '../../../support/early-client.ts'
import type { Random } from '../../../support/random.ts'
import { kindsOfAddress } from '../../design/address-kinds.ts'
import type { AuthoredDesign } from '../../design/authored.ts'
import type { ScriptedCode } from '../../design/code-scripts.ts'
import { kindsOfAction } from '../../design/logic-kinds.ts'
import { clearRows, plantRows, readRows, rowId } from '../../design/random-rows.ts'
import {
  type ActionAnswer,
  fieldNameOf,
  sayGraphql,
  sayRest,
  schemasOf,
  selectedOf,
  understandGraphql,
  understandRest,
} from '../../request/action-transport.ts'
import type { OwnAddress } from '../../request/own-address.ts'
import type { Reference } from '../authored-reference.ts'
import { Mismatch } from '../reference-run.ts'
import { HASH_COST } from './passwords.ts'
import { expectAction, mayEverRun } from './perform.ts'
import { rowsDiffer } from './rows-differ.ts'
import { isLocked, liveSessions, noteAttempt, sessionsDiffer } from './sessions.ts'

export type ActionApi = 'rest' | 'graphql'

/** The backend, the reference and what the calls ended in. */
export interface ActionTrial {
  readonly random: Random
  readonly reference: Reference
  readonly users: readonly (string | null)[]
  /** Answers by API and status or code, the kinds of the actions that were done, and what happened in all calls. */
  readonly tally: ReadonlyMap<string, number>
  /** Calls an action. @throws Mismatch when the answer or a row differs from the reference. */
  readonly judge: (user: string | null, call: CalledAction, api: ActionApi) => Promise<void>
  /** Puts the rows back as they were at the start. */
  readonly replant: () => Promise<void>
}

export interface ActionTrialOptions {
  readonly random: Random
  readonly design: AuthoredDesign
  readonly addresses: ReadonlyMap<string, OwnAddress>
  readonly model: Model
  /** The model for the server: the same, or a model with a fault. */
  readonly served: Model
  readonly rows: Rows
}

interface Court {
  readonly backend: TestBackend
  readonly client: pg.Client
  readonly reference: Reference
  readonly tokens: ReadonlyMap<string | null, string>
  readonly tally: Map<string, number>
  readonly schemas: ReturnType<typeof schemasOf>
  readonly faults: string[]
  /** The addresses of actions, by their labels. */
  readonly addresses: ReadonlyMap<string, OwnAddress>
  /** The number of failed sign-ins by login. */
  readonly attempts: Map<string, number>
  /** The secret of a stored token. */
  readonly textOf: (stored: string) => string
}

/** Starts a server with rows in its database. It closes after the test. */
export async function openActionTrial(
  t: Ends,
  { random, design, addresses, model, served, rows }: ActionTrialOptions,
): Promise<ActionTrial> {
  const faults: string[] = []
  const observe = (seen: Observation) => {
    if (seen.kind === 'defect') faults.push(String(seen.error instanceof Error ? seen.error.stack : seen.error))
    else if (seen.kind === 'request-failed' && seen.failure.status >= 500) faults.push(String(seen.failure.note))
  }
  const keys = readKeys('AUTH_KEYS', newPem())
  const { textOf } = openRowTokens(keys)
  const connect = earlyClient(t)
  const backend = await testBackend(t, served, { observe, keys, hashCost: HASH_COST })
  const client = await connect(backend.databaseUrl)
  const replant = async (): Promise<Rows> => {
    await clearRows(client, model)
    await plantRows(client, model, rows)
    return readRows(client, model)
  }
  const reference = referenceOf(design, model, await replant())
  const users = [null, ...[0, 1, 2, 3].map((n) => rowId(0, n))]
  const tokens = new Map<string | null, string>()
  for (const user of users) if (user !== null) tokens.set(user, await backend.tokenFor(user))
  const tally = new Map<string, number>()
  const attempts = new Map<string, number>()
  const court: Court = { backend, client, reference, tokens, tally, faults, addresses, attempts, textOf, schemas: schemasOf(served) }
  return {
    random,
    reference,
    users,
    tally,
    judge: (user, call, api) => judge(court, { user, call, api }),
    replant: async () => reference.adopt(await replant()),
  }
}

interface Asked {
  readonly user: string | null
  readonly call: CalledAction
  readonly api: ActionApi
}

async function judge(court: Court, asked: Asked): Promise<void> {
  const { reference, client, tally } = court
  const before = await liveSessions(client)
  const answer = await answerTo(court, asked)
  const after = await readRows(client, reference.model)
  const found = mismatchOf(court, asked, { answer, after })
  if ('wrong' in found) throw new Mismatch(described(court, asked, { answer, wrong: found.wrong }))
  const { attempt } = found.outcome
  const sessions = attempt === null ? null : sessionsDiffer(found.outcome, { before, after: await liveSessions(client) })
  if (sessions !== null) throw new Mismatch(described(court, asked, { answer, wrong: sessions }))
  if (attempt !== null) noteAttempt(court.attempts, attempt)
  const action = actionLabelled(reference, writtenLabel(asked.call))
  const ofAddress = () => kindsOfAddress(reference.design, action, court.addresses.get(writtenLabel(asked.call)) ?? null)
  const ofCall = () => [...kindsOfAction(reference.design, action.design), ...(asked.api === 'rest' ? ofAddress() : [])]
  const done = answer.code === null ? ofCall() : []
  for (const what of [`${answer.code ?? answer.status}`, ...found.outcome.seen, ...done]) {
    const key = `${asked.api} ${what}`
    tally.set(key, (tally.get(key) ?? 0) + 1)
  }
  reference.adopt(after)
}

/** The secrets that the requests and answers of a caller have. */
function secretsOf({ tokens, textOf }: Court, user: string | null): Secrets {
  return { textOf, token: tokens.get(user) ?? null }
}

async function answerTo(court: Court, { user, call: asked, api }: Asked): Promise<ActionAnswer> {
  const { backend, reference, tokens, schemas, addresses } = court
  const action = modelAction(reference.model, asked)
  const call = withSecrets(asked, secretsOf(court, user)) as CalledAction
  const { caller } = reference.sightOf(user)
  const said = api === 'rest' ? sayRest(action, call, addresses.get(writtenLabel(call)) ?? null) : sayGraphql(schemas(caller), action, call)
  if (said === null) throw new Error('nothing is said')
  const { method, url, body, headers } = said
  const answered = await backend.ask(method, url, { token: tokens.get(user), body, headers })
  return api === 'rest' ? understandRest(answered) : understandGraphql(answered, reference.design)
}

function modelAction({ actions }: Model, call: CalledAction): Action {
  const action = actionNamed(actions, call)
  if (action === undefined) throw new Error(`no action ${call.name}`)
  return action
}

interface Found {
  readonly answer: ActionAnswer
  readonly after: Rows
}

/** The difference between what happened and what the reference expects, or what happened in the reference. */
function mismatchOf(
  court: Court,
  asked: Asked,
  { answer, after }: Found,
): { readonly wrong: string } | { readonly outcome: ActionOutcome } {
  const { reference, attempts } = court
  const address = court.addresses.get(writtenLabel(asked.call)) ?? null
  const made = createdIn(reference.rows(), after)
  const differences = new Set<string>()
  // The reference does not know which new row came from which step, so it tries the possible orders.
  for (const newValues of assignments(reference.model, made)) {
    const calling = { ...asked, address, isLocked: (login: string) => isLocked(attempts, login), newValues, times: after }
    const expected = expectAction(reference, calling)
    const secrets = secretsOf(court, asked.user)
    const outcome = expected.kind === 'done' ? { ...expected, answer: withSecrets(expected.answer, secrets) } : expected
    const wrong = differenceTo(court, asked, { outcome, answer, after })
    if (wrong === null) return { outcome }
    differences.add(wrong)
  }
  return { wrong: [...differences].slice(0, 4).join('; or ') }
}

function differenceTo(court: Court, asked: Asked, { outcome, answer, after }: Found & { readonly outcome: ActionOutcome }): string | null {
  const { reference, schemas } = court
  const { api, user, call } = asked
  if (outcome.kind === 'refused') {
    const rows = rowsDiffer(reference.model, reference.rows(), after, reference.rows())
    const expected = outcome.refusals.map((one) => `${one.status} ${one.code} ${one.pointers ?? ''}`).join(' or ')
    if (rows !== null) return `expected ${expected}, but ${rows}`
    return isRefusedAs(court, asked, { outcome, answer }) ? null : `expected ${expected}`
  }
  if (api === 'graphql' && !mayEverRun(reference, user, actionLabelled(reference, writtenLabel(call))))
    return answer.code === 'invalid_document' ? null : 'expected invalid_document'
  if (answer.code !== null) return `expected to be done, with ${JSON.stringify(outcome.answer)}`
  const rows = rowsDiffer(reference.model, outcome.rows, after, reference.rows())
  if (rows !== null) return rows
  if (api === 'rest') {
    const status = court.addresses.get(writtenLabel(call))?.status ?? (outcome.answer === undefined ? 204 : 200)
    if (answer.status !== status) return `status ${answer.status}, expected ${status}`
    return isSame(answer.body, outcome.answer) ? null : `answer, expected ${JSON.stringify(outcome.answer)}`
  }
  const { schema } = schemas(reference.sightOf(user).caller)
  const action = modelAction(reference.model, call)
  const type = (action.reads ? schema.getQueryType() : schema.getMutationType())?.getFields()[fieldNameOf(call)]?.type
  if (type === undefined) return 'the schema has no such field'
  const expected = String(type) === 'Boolean' && typeof outcome.answer !== 'boolean' ? true : selectedOf(type, outcome.answer)
  return isSame(answer.body, expected) ? null : `answer, expected ${JSON.stringify(expected)}`
}

/** Whether the server refused in an expected way. */
function isRefusedAs(
  { reference }: Court,
  { api, user, call }: Asked,
  { outcome, answer }: { readonly outcome: Extract<ActionOutcome, { kind: 'refused' }>; readonly answer: ActionAnswer },
): boolean {
  const isKnown = mayEverRun(reference, user, actionLabelled(reference, writtenLabel(call)))
  // GraphQL has no field for an action that the caller can never run, and validates the types of variables.
  if (api === 'graphql' && !isKnown) return answer.code === 'invalid_document'
  return outcome.refusals.some(({ status, code, pointers }) => {
    if (api === 'graphql' && code === 'validation_failed' && pointers !== null && answer.code === 'invalid_document') return true
    if (answer.status !== status || (code !== null && answer.code !== code)) return false
    if (pointers === null) return true
    if (api === 'graphql') return answer.pointers.every((pointer) => pointers.includes(pointer))
    return isDeepStrictEqual([...answer.pointers].toSorted(), [...pointers].toSorted())
  })
}

function described(
  { reference, faults, addresses }: Court,
  { user, call, api }: Asked,
  { answer, wrong }: { answer: ActionAnswer; wrong: string },
): string {
  const action = actionLabelled(reference, writtenLabel(call))
  const { caller } = reference.sightOf(user)
  const row = call.entity === null ? null : reference.find(call.entity, String(call.id))
  return [
    wrong,
    `${api} ${writtenLabel(call)} ${JSON.stringify(call)}`,
    `address: ${JSON.stringify(addresses.get(writtenLabel(call)), (_, value) => (value instanceof Map ? Object.fromEntries(value) : value))}`,
    `caller: ${user === null ? 'nobody' : JSON.stringify(Object.fromEntries(caller.claims))}`,
    `answer: ${JSON.stringify(answer)}`,
    ...(typeof action.design.run === 'function' ? [`code: ${JSON.stringify((action.design.run as unknown as ScriptedCode).script)}`] : []),
    `action: ${JSON.stringify({ ...action.design, transition: action.transition }, null, 1)}`,
    `row: ${JSON.stringify(row ?? null)}`,
    ...Object.entries(reference.design.entities).flatMap(([name, { hooks = {} }]) =>
      Object.entries(hooks).map(([moment, { run }]) => `hook ${name}.${moment}: ${JSON.stringify(run.script)}`),
    ),
    ...faults.map((fault) => `log: ${fault}`),
  ].join('\n')
}
