/** Serves one design, calls its actions, and compares answers and all rows with the reference. */

import type { TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import type { Action } from '../../../../src/model/action.ts'
import { actionNamed } from '../../../../src/model/action-tree.ts'
import type { Model } from '../../../../src/model/model.ts'
import type { Observation } from '../../../../src/server/http/observe.ts'
import { readKeys } from '../../../../src/services/identity/tokens/keys.ts'
import { openRowTokens } from '../../../../src/services/identity/tokens/row-tokens.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import { newPem } from '../../../identity/instances.ts'
import { type TestBackend, testBackend } from '../../../support/backend.ts'
import type { Random } from '../../../support/random.ts'
import type { AuthoredDesign } from '../../design/authored.ts'
import { JOURNAL, type ScriptedCode } from '../../design/code-scripts.ts'
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
import { type Reference, type Rows, referenceOf } from '../reference.ts'
import { Mismatch } from '../reference-run.ts'
import { actionLabelled } from './authored-actions.ts'
import { assignments, createdIn } from './new-rows.ts'
import type { ActionCall, Outcome } from './outcome.ts'
import { expectAction, labelOf, mayEverRun } from './perform.ts'
import { secretOf, withSecrets } from './secrets.ts'

export type ActionApi = 'rest' | 'graphql'

/** The backend, the reference and what the calls ended in. */
export interface ActionTrial {
  readonly reference: Reference
  readonly users: readonly (string | null)[]
  /** Answers by API and status or code, the kinds of the actions that were done, and what happened in all calls. */
  readonly tally: ReadonlyMap<string, number>
  /** Calls an action. @throws Mismatch when the answer or a row differs from the reference. */
  readonly judge: (user: string | null, call: ActionCall, api: ActionApi) => Promise<void>
  /** Puts the rows back as they were at the start. */
  readonly replant: () => Promise<void>
}

export interface ActionTrialOptions {
  readonly random: Random
  readonly design: AuthoredDesign
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
  /** The secret of a stored token. */
  readonly textOf: (stored: string) => string
}

/** Starts a server with rows in its database. It closes after the test. */
export async function openActionTrial(t: TestContext, { design, model, served, rows }: ActionTrialOptions): Promise<ActionTrial> {
  const faults: string[] = []
  const observe = (seen: Observation) => {
    if (seen.kind === 'defect') faults.push(String(seen.error instanceof Error ? seen.error.stack : seen.error))
    else if (seen.kind === 'request-failed' && seen.failure.status >= 500) faults.push(String(seen.failure.note))
  }
  const keys = readKeys('AUTH_KEYS', newPem())
  const { textOf } = openRowTokens(keys)
  const backend = await testBackend(t, served, { observe, keys })
  const client = new pg.Client({ connectionString: backend.databaseUrl })
  // The database is dropped with its connections.
  client.on('error', () => {})
  await client.connect()
  t.after(() => client.end().catch(() => {}))
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
  const court: Court = { backend, client, reference, tokens, tally, faults, textOf, schemas: schemasOf(served) }
  return {
    reference,
    users,
    tally,
    judge: (user, call, api) => judge(court, { user, call, api }),
    replant: async () => reference.adopt(await replant()),
  }
}

interface Asked {
  readonly user: string | null
  readonly call: ActionCall
  readonly api: ActionApi
}

async function judge(court: Court, asked: Asked): Promise<void> {
  const { reference, client, tally } = court
  const answer = await answerTo(court, asked)
  const after = await readRows(client, reference.model)
  const found = mismatchOf(court, asked, { answer, after })
  if ('wrong' in found) throw new Mismatch(described(court, asked, { answer, wrong: found.wrong }))
  const { design } = actionLabelled(reference, labelOf(asked.call))
  const done = answer.code === null ? kindsOfAction(reference.design, design) : []
  for (const what of [`${answer.code ?? answer.status}`, ...found.seen, ...done]) {
    const key = `${asked.api} ${what}`
    tally.set(key, (tally.get(key) ?? 0) + 1)
  }
  reference.adopt(after)
}

async function answerTo({ backend, reference, tokens, schemas, textOf }: Court, { user, call: asked, api }: Asked): Promise<ActionAnswer> {
  const action = modelAction(reference.model, asked)
  const call = { ...asked, input: withSecrets(asked.input, textOf) as ActionCall['input'] }
  const { caller } = reference.sightOf(user)
  const said = api === 'rest' ? sayRest(action, call) : sayGraphql(schemas(caller), action, call)
  if (said === null) throw new Error('nothing is said')
  const { method, url, body, headers } = said
  const answered = await backend.ask(method, url, { token: tokens.get(user), body, headers })
  return api === 'rest' ? understandRest(answered) : understandGraphql(answered, reference.design)
}

function modelAction({ actions }: Model, call: ActionCall): Action {
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
): { readonly wrong: string } | { readonly seen: ReadonlySet<string> } {
  const { reference } = court
  const made = createdIn(reference.rows(), after)
  const differences = new Set<string>()
  // The reference does not know which new row came from which step, so it tries the possible orders.
  for (const newValues of assignments(reference.model, made)) {
    const expected = expectAction(reference, { ...asked, newValues, times: after })
    const outcome = expected.kind === 'done' ? { ...expected, answer: withSecrets(expected.answer, court.textOf) } : expected
    const wrong = differenceTo(court, asked, { outcome, answer, after })
    if (wrong === null) return { seen: outcome.seen }
    differences.add(wrong)
  }
  return { wrong: [...differences].slice(0, 4).join('; or ') }
}

function differenceTo(court: Court, asked: Asked, { outcome, answer, after }: Found & { readonly outcome: Outcome }): string | null {
  const { reference, schemas } = court
  const { api, user, call } = asked
  if (outcome.kind === 'refused') {
    const rows = rowsDiffer(reference.model, reference.rows(), after, reference.rows())
    const expected = outcome.refusals.map((one) => `${one.status} ${one.code} ${one.pointers ?? ''}`).join(' or ')
    if (rows !== null) return `expected ${expected}, but ${rows}`
    return isRefusedAs(court, asked, { outcome, answer }) ? null : `expected ${expected}`
  }
  if (api === 'graphql' && !mayEverRun(reference, user, actionLabelled(reference, labelOf(call))))
    return answer.code === 'invalid_document' ? null : 'expected invalid_document'
  if (answer.code !== null) return `expected to be done, with ${JSON.stringify(outcome.answer)}`
  const rows = rowsDiffer(reference.model, outcome.rows, after, reference.rows())
  if (rows !== null) return rows
  if (api === 'rest') {
    if (answer.status !== (outcome.answer === undefined ? 204 : 200)) return `status ${answer.status}`
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
  { outcome, answer }: { readonly outcome: Extract<Outcome, { kind: 'refused' }>; readonly answer: ActionAnswer },
): boolean {
  const isKnown = mayEverRun(reference, user, actionLabelled(reference, labelOf(call)))
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

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt'])

/** A description of the first row that differs; null for none. Times that the server sets are not compared in rows that changed. */
function rowsDiffer(model: Model, expected: Rows, after: Rows, before: Rows): string | null {
  for (const { name } of model.entities) {
    const [wanted, found] = [new Map((expected.get(name) ?? []).map((row) => [row.id, row])), after.get(name) ?? []]
    const old = new Set(before.get(name) ?? [])
    if (name === JOURNAL) {
      const wrong = entriesDiffer(expected.get(name) ?? [], found)
      if (wrong !== null) return wrong
      continue
    }
    for (const row of found) {
      const other = wanted.get(row.id ?? null)
      if (other === undefined) return `${name} ${row.id} is there, and is not expected: ${JSON.stringify(row)}`
      const field = differingField(row, other, old.has(other))
      if (field !== null) return `${name} ${row.id} has ${field} ${JSON.stringify(row[field])}, expected ${JSON.stringify(other[field])}`
    }
    const lacking = [...wanted.keys()].find((id) => !found.some((row) => row.id === id))
    if (lacking !== undefined) return `${name} ${lacking} is expected, and is not there`
  }
  return null
}

/** Entries of scripts are compared in the order in which they were made, without their ids. */
function entriesDiffer(expected: readonly PlainRow[], found: readonly PlainRow[]): string | null {
  const textsOf = (rows: readonly PlainRow[]) => rows.map(({ text, nth }) => `${String(nth).padStart(6, '0')} ${text}`).toSorted()
  const [wanted, got] = [textsOf(expected), textsOf(found)]
  if (isDeepStrictEqual(wanted, got)) return null
  const [lacking, more] = [wanted.filter((one) => !got.includes(one)), got.filter((one) => !wanted.includes(one))]
  return `the entries ${JSON.stringify(lacking)} are expected, and ${JSON.stringify(more)} are not`
}

function differingField(row: PlainRow, other: PlainRow, isUnchanged: boolean): string | null {
  const names = Object.keys(row).filter((name) => isUnchanged || !TIMES.has(name))
  const differs = (name: string): boolean =>
    name === 'deletedAt' ? (row[name] === null) !== ((other[name] ?? null) === null) : !isSame(row[name] ?? null, other[name] ?? null)
  return names.find(differs) ?? null
}

/** Whether two values are equal. A number and the text of a decimal are compared as numbers. */
function isSame(a: unknown, b: unknown): boolean {
  // The secret of a row that a later step has deleted is not known.
  if (b === secretOf(0) || b === secretOf(null)) return typeof a === 'string' && a.length > 40
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    if (Array.isArray(a) !== Array.isArray(b)) return false
    const [x, y] = [Object.entries(a), new Map(Object.entries(b))]
    return x.length === y.size && x.every(([key, value]) => y.has(key) && isSame(value, y.get(key)))
  }
  const isDecimal = (value: unknown): boolean => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
  if ((typeof a === 'number' || isDecimal(a)) && (typeof b === 'number' || isDecimal(b))) return Number(a) === Number(b)
  return isDeepStrictEqual(a, b)
}

function described(
  { reference, faults }: Court,
  { user, call, api }: Asked,
  { answer, wrong }: { answer: ActionAnswer; wrong: string },
): string {
  const action = actionLabelled(reference, labelOf(call))
  const { caller } = reference.sightOf(user)
  const row = call.entity === null ? null : reference.find(call.entity, String(call.id))
  return [
    wrong,
    `${api} ${labelOf(call)} ${JSON.stringify(call)}`,
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
