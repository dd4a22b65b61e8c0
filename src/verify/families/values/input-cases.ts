/** F102: values that no input of an action takes: those of another type, beyond a limit, or with too many digits. */

import type { Action, ActionInput } from '../../../model/action.ts'
import type { FieldType } from '../../../model/field-type.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { fieldValues } from '../../expected/field-values.ts'
import { isLive } from '../../expected/reference.ts'
import type { DesignField } from '../../expected/written-design.ts'
import { type ActionRequest, actionRequest, whyNoRequest } from '../../requests/action-request.ts'
import { askRefused, type Refusable } from './ask-refused.ts'
import { excessDigits } from './excess-digits.ts'
import { lookAlikes } from './look-alikes.ts'
import { refusalFamily } from './refused-values.ts'

const CLAIM = 'values/inputs'
/** The most callers and rows that are tried for a call. */
const MOST_TRIED = 40

/** The claim about inputs; none for a design without actions that take values. */
export function inputCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { reference } = asking
  const probes = reference.model.actions.flatMap((action): readonly ProbeCase[] => {
    if (whyNoRequest(reference, action) !== null || action.address.method === 'GET') return []
    const calls = callsOf(asking, action)
    return calls.length === 0 ? [] : action.inputs.flatMap((input) => probeOf(asking, { action, input, calls }) ?? [])
  })
  return refusalFamily(
    {
      id: CLAIM,
      claim: 'No input of an action takes a value of another type, beyond its limits, or with more digits than it holds.',
      oracle: 'the reference of the language of designs',
      text: 'for each input of each action: other JSON types, both sides of limits, and numbers of too many digits; refused, and no row changes',
    },
    probes,
  )
}

interface Call {
  readonly user: string | null
  readonly request: ActionRequest
}

/** Calls by each account, and of each row for actions of rows. Which of them `allow` lets through shows itself. */
function callsOf({ reference, world }: PlannedWorld, action: Action): readonly Call[] {
  const rows = action.entity === null ? [null] : (reference.rows().get(action.entity) ?? []).filter(isLive)
  const pairs = [...world.accounts, null].flatMap((user) => rows.map((row) => ({ user, row })))
  return pairs.slice(0, MOST_TRIED).flatMap(({ user, row }) => {
    const request = actionRequest(reference, { action, row, n: 1_500 })
    return request === null ? [] : [{ user, request }]
  })
}

interface Asked {
  readonly action: Action
  readonly input: ActionInput
  readonly calls: readonly Call[]
}

function probeOf({ world }: PlannedWorld, { action, input, calls }: Asked): ProbeCase | null {
  const { name, type, from } = input
  const written = type.kind === 'value' && from.in === 'body' ? fieldOf(type.type) : null
  if (written === null) return null
  const values = valuesOf(written, calls[0]?.request.inputs.find((one) => one.name === name)?.value).filter(
    ({ value }) => !(value === null && input.nullable),
  )
  const [first] = values
  if (first === undefined) return null
  const goal = `${action.entity === null ? '' : `${action.entity}.`}${action.name}.${name}`
  return {
    ...{ name: `${CLAIM}/${goal}`, claim: CLAIM, door: 'action', user: world.accounts[0] ?? null, goals: [goal], atoms: {} },
    async ask(tools) {
      const { call, answer } = await callable(tools, calls, (one) => withInput(one.request.sent, input, first.value))
      const sent = withInput(call.request.sent, input, first.value)
      if (OF_CALLERS.has(answer.status))
        return {
          wrong: null,
          left: { [goal]: 'no caller of the generated world may call it' },
          statuses: [400],
          why: 'nobody may call it',
          sent,
          answer,
        }
      const requests = values.map(({ label, value }): Refusable => ({ label, value, sent: withInput(call.request.sent, input, value) }))
      const why = `${name} has other values`
      return askRefused(tools, { door: { name: goal, api: 'rest', user: call.user }, field: from.name, why, requests })
    },
  }
}

/** Refusals for the caller or the row. */
const OF_CALLERS: ReadonlySet<number> = new Set([401, 403, 404, 409])

interface Called {
  readonly call: Call
  readonly answer: Answered
}

/** The first call that is not refused for its caller or its row, or else the last one. */
async function callable(tools: ProbeTools, calls: readonly Call[], sentBy: (call: Call) => SentOverHttp): Promise<Called> {
  let last: Called | null = null
  for (const call of calls) {
    const answer = await tools.send({ ...sentBy(call), token: tools.tokenOf(call.user) })
    last = { call, answer }
    if (!OF_CALLERS.has(answer.status)) break
  }
  if (last === null) throw new Error('there are calls')
  return last
}

function withInput(sent: SentOverHttp, { from }: ActionInput, value: unknown): SentOverHttp {
  const body = (sent.body ?? {}) as Readonly<Record<string, unknown>>
  if (from.in !== 'body' || from.inside === undefined) return { ...sent, body: { ...body, [from.name]: value } }
  return { ...sent, body: { ...body, [from.inside]: { ...(body[from.inside] as object | undefined), [from.name]: value } } }
}

interface Wrong {
  readonly label: string
  readonly value: unknown
}

function valuesOf(written: DesignField, right: unknown): readonly Wrong[] {
  const own = fieldValues(written).filter(({ allowed, value }) => !allowed && value !== undefined)
  return [...own, ...lookAlikes(written, right), ...(right === undefined ? [] : excessDigits(written, right))]
}

/** The type of an input in the words of the design; null for a type of which no value is wrong, or that is no value. */
function fieldOf(type: FieldType): DesignField | null {
  switch (type.kind) {
    case 'scalar': {
      const { scalar, min, max, pattern, precision } = type
      return {
        type: scalar,
        ...(min === null ? {} : { min }),
        ...(max === null ? {} : { max }),
        ...(pattern === null ? {} : { pattern }),
        ...(precision === null ? {} : { precision: precision.digits, scale: precision.scale }),
      }
    }
    case 'choice':
      return { type: 'choice', values: type.values }
    case 'list': {
      const of = fieldOf(type.of)
      return of === null ? null : { type: 'list', of, max: type.max, ...(type.min === null ? {} : { min: type.min }) }
    }
    default:
      return null
  }
}
