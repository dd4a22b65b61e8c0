/** F206 for actions: who may not call one may not at any door, nor in a document with others, nor with the key of somebody who may. */

import { randomUUID } from 'node:crypto'
import { enumNames } from '../../../compile/graphql/names.ts'
import type { Action } from '../../../model/action.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import { isDone } from '../../cases/placed/placed-writes.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { type ExpectedCall, expectCall } from '../../expected/expectation-action.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { actionRequest, type SentInput, whyNoRequest } from '../../requests/action-request.ts'
import { actionNamesOf } from '../../requests/graphql-words.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

const WHY = '`allow` of the action does not hold for this caller and this row'
const REFUSED = [400, 401, 403, 404]

/** The claim about all actions. None for a design without actions that some caller may call and another may not. */
export function actionCallers(asking: PlannedWorld): PlannedFamily {
  const probes = asking.reference.model.actions.flatMap((action) => {
    const calls = callsOf(asking, action)
    return [...refusedProbe(asking, action, calls), ...keyProbe(action, calls)]
  })
  return familyOf(
    {
      of: 'F206',
      entity: null,
      claim: 'No action is called by a caller whom its `allow` does not name, at any door (OWASP API1 and API5).',
      text: 'calls by an anonymous caller and by accounts, with rows for which others may call it, in REST and in GraphQL, alone, twice in a document, and with the Idempotency-Key of a caller who may',
      oracle: 'cel-js on the text of `allow`; afterwards every row of every entity is compared',
    },
    probes,
  )
}

/** A call of an action. */
interface Call {
  readonly user: string | null
  readonly row: PlainRow | null
  readonly expected: ExpectedCall
  readonly sent: SentOverHttp
  readonly inputs: readonly SentInput[]
}

/** Each caller with each row. None for an action whose requests cannot be made, or whose `allow` reads more than the row and the caller. */
function callsOf({ reference, world }: PlannedWorld, action: Action): readonly Call[] {
  const allow = action.allowSource
  if (allow === null || /\b(input|row)\./.test(allow) || whyNoRequest(reference, action) !== null) return []
  if (action.steps.some(({ verb }) => verb === 'signIn')) return []
  const rows = action.entity === null ? [null] : (reference.rows().get(action.entity) ?? []).filter(isLive)
  return [null, ...world.accounts].flatMap((user) =>
    rows.flatMap((row, n): readonly Call[] => {
      const request = actionRequest(reference, { action, row, n: 1_900 + n })
      if (request === null) return []
      return [{ user, row, expected: expectCall(reference, { user, action, allow, row }), sent: request.sent, inputs: request.inputs }]
    }),
  )
}

const statusOf = ({ expected }: Call): number => (expected.kind === 'refused' ? expected.status : 200)

/** A call that the rules refuse for each reason, about rows for which somebody else may call the action, if there are such. */
function refusedCalls(calls: readonly Call[]): readonly Call[] {
  const open = new Set(calls.filter((one) => statusOf(one) === 200).map(({ row }) => row))
  const some = calls.filter(({ row }) => open.has(row))
  const first = (isWanted: (one: Call) => boolean): Call | undefined => some.find(isWanted) ?? calls.find(isWanted)
  const found = [
    first((one) => one.user === null && statusOf(one) !== 200),
    first((one) => one.user !== null && statusOf(one) === 403),
    first((one) => one.user !== null && statusOf(one) === 404),
  ]
  return found.filter((one) => one !== undefined)
}

function refusedProbe(asking: PlannedWorld, action: Action, calls: readonly Call[]): readonly SecurityProbe[] {
  const refused = refusedCalls(calls)
  const [first] = refused
  if (first === undefined) return []
  return [
    {
      goal: `actions/${labelOf(action)}`,
      user: first.user,
      async ask(tools) {
        let last: ProbeOutcome | null = null
        for (const call of refused) {
          last = await refusedAtAll(tools, asking, { action, call })
          if (last.wrong !== null) return last
        }
        return (
          last ?? { wrong: null, statuses: REFUSED, why: WHY, sent: first.sent, answer: await tools.send({ ...first.sent, token: null }) }
        )
      },
    },
  ]
}

interface Refusing {
  readonly action: Action
  readonly call: Call
}

async function refusedAtAll(tools: ProbeTools, asking: PlannedWorld, { action, call }: Refusing): Promise<ProbeOutcome> {
  const token = tools.tokenOf(call.user)
  const outcome = { statuses: REFUSED, why: WHY }
  const answer = await tools.send({ ...call.sent, token })
  if (!REFUSED.includes(answer.status)) return { ...outcome, wrong: `rest: status ${answer.status}`, sent: call.sent, answer }
  const text = hasApi(asking.reference.model, 'graphql') ? fieldOf(asking, action, call) : null
  for (const selection of text === null ? [] : ['', ' { __typename }']) {
    for (const [name, directive, times] of action.reads ? ALONE : TOGETHER) {
      const fields = Array.from({ length: times }, (_, i) => `a${i}: ${text}${selection}`).join(' ')
      const sent = { method: 'POST', url: '/graphql', body: { query: `${action.reads ? 'query' : 'mutation'} ${directive} { ${fields} }` } }
      const found = await tools.send({ ...sent, token })
      // The other selection fits the type of the answer, or the schema of this caller has no such field.
      if (codeOf(found) === 'invalid_document') break
      if (!isRefusedWhole(found))
        return { ...outcome, wrong: `graphql, ${name}: ${found.status} ${found.text.slice(0, 200)}`, sent, answer: found }
    }
  }
  return { ...outcome, wrong: null, sent: call.sent, answer }
}

const ALONE = [['alone', '', 1]] as const
const TOGETHER = [...ALONE, ['twice', '', 2], ['twice, @atomic', '@atomic', 2]] as const

function codeOf({ json }: Answered): unknown {
  return json?.errors?.[0]?.extensions?.code
}

/** Whether no call of a document began: none has an answer, and none is refused for the state of its row. */
function isRefusedWhole({ status, json }: Answered): boolean {
  const errors: readonly { readonly extensions?: { readonly code?: unknown } }[] = Array.isArray(json?.errors) ? json.errors : []
  const isNull = Object.values((json?.data ?? {}) as object).every((value) => value === null)
  return status < 500 && errors.length > 0 && isNull && errors.every(({ extensions }) => extensions?.code !== 'illegal_transition')
}

/** The field of a call with its arguments; null for an argument that has no literal here. */
function fieldOf({ reference }: PlannedWorld, action: Action, { row, inputs }: Call): string | null {
  const names = actionNamesOf(reference, action)
  const values = inputs.map(({ name, type, value }) => [names.inputs.get(name) ?? name, literal(type.type, value)] as const)
  if (values.some(([, text]) => text === null)) return null
  const id = row === null || action.entity === null ? [] : [['id', JSON.stringify(row.id)] as const]
  const given = [...id, ...values].map(([name, text]) => `${name}: ${text}`).join(', ')
  return given === '' ? names.field : `${names.field}(${given})`
}

function literal(type: SentInput['type']['type'], value: unknown): string | null {
  if (type.kind === 'choice') return enumNames(type.values).get(String(value)) ?? null
  return typeof value === 'object' ? null : JSON.stringify(value)
}

/** A call that succeeds with a key, and the same of callers who may not call the action. */
function keyProbe(action: Action, calls: readonly Call[]): readonly SecurityProbe[] {
  const allowed = calls.find((one) => one.user !== null && statusOf(one) === 200)
  if (allowed === undefined || action.run !== null || action.reads || allowed.sent.method === 'GET') return []
  const others = calls.filter(({ row, ...one }) => row === allowed.row && statusOf({ row, ...one }) !== 200)
  const refused = [others.find(({ user }) => user !== null), others.find(({ user }) => user === null)].filter((one) => one !== undefined)
  if (refused.length === 0) return []
  return [
    {
      goal: `actions/${labelOf(action)}/shared-key`,
      user: allowed.user,
      async ask(tools) {
        const sent = { ...allowed.sent, headers: { ...allowed.sent.headers, 'idempotency-key': randomUUID() } }
        const answer = await tools.send({ ...sent, token: tools.tokenOf(allowed.user) })
        const outcome = { statuses: REFUSED, why: WHY }
        for (const { user } of isDone(answer) ? refused : []) {
          const other = await tools.send({ ...sent, token: tools.tokenOf(user) })
          const wrong = other.status < 300 ? `with the key of a caller who may: status ${other.status}: ${other.text.slice(0, 200)}` : null
          if (wrong !== null) return { ...outcome, wrong, sent, answer: other }
        }
        return { ...outcome, wrong: null, sent, answer }
      },
      // The first call may change rows.
      rows: () => null,
    },
  ]
}

function labelOf({ entity, name }: Action): string {
  return entity === null ? name : `${entity}.${name}`
}
