/** F209 for code of the design: whatever it throws, the answer tells neither stack nor place nor inner message. */

import type { Action } from '../../../model/action.ts'
import { type Entity, hasHooksFor, storedScalar } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectCall } from '../../expected/expectation-action.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import { actionRequest, whyNoRequest } from '../../requests/action-request.ts'
import { refusalProblem } from '../../rules/documented-failures.ts'
import { leakIn } from '../leaks.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** States in which the code of one action is called, and bodies that one hook sees. */
const MOST_CALLS = 12
const NEVER_CALLED = 'no caller and row of the generated world leads to it'
const WHY = 'a failure of code has the code and the message that the design or the reference gives it'

/** The claim about code of actions and hooks. @param names of constraints and indexes, which no answer may have */
export function codeProblems(asking: PlannedWorld, names: readonly string[]): PlannedFamily {
  const { model } = asking.reference
  return familyOf(
    {
      of: 'F209',
      entity: null,
      about: 'code',
      claim: 'Nothing that code of the design throws shows a stack, a path or an inner message (OWASP API8).',
      text: 'actions with code, called while their row has each value of its choices, each flag, and no value where it may have none; writes that run hooks, with such values in their bodies',
    },
    [
      ...model.actions.flatMap((action) => actionProbe(asking, action, names)),
      ...model.entities.flatMap((entity) => hookProbe(asking, entity, names)),
    ],
  )
}

/** A request, and the row that it needs; null for none. */
interface Call {
  readonly sent: SentOverHttp
  readonly row: PlainRow | null
}

function actionProbe(asking: PlannedWorld, action: Action, names: readonly string[]): readonly SecurityProbe[] {
  const { reference, world } = asking
  const { allowSource: allow, entity: name } = action
  if (action.run === null || typeof action.run.code === 'string' || allow === null || whyNoRequest(reference, action) !== null) return []
  const entity = reference.model.entities.find((one) => one.name === name) ?? null
  const rows: readonly (PlainRow | null)[] = name === null ? [null] : (reference.rows().get(name) ?? []).filter(isLive)
  const callers = [...world.accounts, null]
  const found = rows.flatMap((row) => {
    const user = callers.find((one) => expectCall(reference, { user: one, action, allow, row }).kind !== 'refused')
    return user === undefined ? [] : [{ user, row }]
  })
  const [first] = found
  if (first === undefined) return []
  const { user } = first
  const goal = name === null ? action.name : `${name}.${action.name}`
  return [
    {
      goal,
      user,
      async ask(tools) {
        const row = first.row === null ? null : (tools.before.get(name ?? '') ?? []).find(({ id }) => id === first.row?.id)
        const states = entity === null || row === null || row === undefined ? [null, null] : statesOf(entity, row)
        const calls = states.flatMap((state, n): readonly Call[] => {
          const request = actionRequest(reference, { action, row: state, n: 1_700 + n })
          return request === null ? [] : [{ sent: request.sent, row: state }]
        })
        return askAll(asking, tools, { goal, user, entity, calls, names })
      },
      rows: () => null,
      events: () => null,
    },
  ]
}

function hookProbe(asking: PlannedWorld, entity: Entity, names: readonly string[]): readonly SecurityProbe[] {
  const { reference } = asking
  return (['create', 'update'] as const).flatMap((verb): readonly SecurityProbe[] => {
    const usual = hasHooksFor(entity.hooks, verb) ? requestAnswered(asking, { entity, verb, statuses: [200, 201] }) : null
    if (usual === null) return []
    const { body: sent, ...rest } = httpRequestOf(reference.model, usual.request)
    const body = (Array.isArray(sent) ? sent[0] : sent) as PlainRow | undefined
    if (typeof body !== 'object' || body === null) return []
    const goal = `${entity.name}.${verb}`
    const calls = statesOf(entity, body).map((state) => ({ sent: { ...rest, body: state }, row: null }))
    return [
      {
        goal,
        user: usual.user,
        ask: (tools) => askAll(asking, tools, { goal, user: usual.user, entity: null, calls, names }),
        rows: () => null,
        events: () => null,
      },
    ]
  })
}

/** A row or body as it is, and with another value in one field: each choice, each flag, the least and no value. */
function statesOf(entity: Entity, row: PlainRow): readonly PlainRow[] {
  const changes = entity.fields.flatMap((field): readonly PlainRow[] => {
    const { name, type, system, optional } = field
    if (system !== null || !Object.hasOwn(row, name)) return []
    const values = valuesOf(type).filter((value) => value !== row[name])
    const missing: readonly PlainValue[] = optional && row[name] !== null ? [null] : []
    return [...values, ...missing].map((value) => ({ ...row, [name]: value }))
  })
  // Choices are states, so they come first.
  const isChoice = (one: PlainRow): boolean => entity.fields.some(({ name, type }) => type.kind === 'choice' && one[name] !== row[name])
  return [row, ...changes.toSorted((a, b) => Number(isChoice(b)) - Number(isChoice(a)))].slice(0, MOST_CALLS)
}

function valuesOf(type: Entity['fields'][number]['type']): readonly PlainValue[] {
  if (type.kind === 'choice') return type.values
  if (type.kind !== 'scalar') return []
  if (storedScalar(type) === 'boolean') return [true, false]
  return storedScalar(type) === 'integer' ? [0] : []
}

interface Asked {
  readonly goal: string
  readonly user: string | null
  /** The entity of the rows that are planted; null for none. */
  readonly entity: Entity | null
  readonly calls: readonly Call[]
  readonly names: readonly string[]
}

async function askAll(asking: PlannedWorld, tools: ProbeTools, { goal, user, entity, calls, names }: Asked): Promise<ProbeOutcome> {
  const { model } = asking.reference
  let last: Pick<ProbeOutcome, 'wrong' | 'sent' | 'answer'> | null = null
  const outcome = (of: Pick<ProbeOutcome, 'wrong' | 'sent' | 'answer'>) => ({ ...of, statuses: [of.answer.status], why: WHY })
  for (const { sent, row } of calls) {
    if (entity !== null && row !== null) {
      const isPut = await tools.plant({ put: new Map([[entity.name, [row]]]), removed: new Map() }).then(
        () => true,
        () => false,
      )
      if (!isPut) continue
    }
    // The services of a design are not there, so a call may end in a failure that no document of its own has.
    const answer = await tools.send({ ...sent, token: tools.tokenOf(user), undescribed: true })
    const words = refusalProblem(model, sent, answer) ?? null
    last = { wrong: leakIn(answer, names, textsOf(sent)) ?? words ?? memberProblem(model.errors !== null, answer), sent, answer }
    if (last.wrong !== null) return outcome(last)
  }
  if (last !== null) return outcome(last)
  const nothing: Answered = { status: 0, headers: {}, text: '', json: undefined }
  return { ...outcome({ wrong: null, sent: { method: 'POST', url: '/' }, answer: nothing }), left: { [goal]: NEVER_CALLED } }
}

/** The members of a problem (RFC 9457) that the reference of errors has. */
const MEMBERS = ['type', 'title', 'status', 'detail', 'code', 'traceId', 'errors', 'operation']

/** A refusal with a member of which the reference says nothing. @param isOwn whether the design gives failures a form of its own */
function memberProblem(isOwn: boolean, { status, json }: Answered): string | null {
  if (status < 400 || isOwn || typeof json !== 'object' || json === null) return null
  const other = Object.keys(json).find((name) => !MEMBERS.includes(name))
  return other === undefined ? null : `the refusal has the member ${other}`
}

/** The body of a request: an answer may repeat its texts. */
function textsOf({ body }: SentOverHttp): string {
  return typeof body === 'object' ? '' : String(body ?? '')
}
