/** Inputs of actions: names that an action does not have (F203), and texts that mean something elsewhere (F200). */

import type { Action } from '../../../model/action.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { isLive } from '../../expected/reference.ts'
import { actionRequest, callWith, whyNoRequest } from '../../requests/action-request.ts'
import { INJECTIONS, lateness } from '../injections.ts'
import { leakIn } from '../leaks.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** A name that no design has. */
const MADE_UP = 'nothingOfThisName'
/** Names that other systems take from a body. */
const USUAL = ['id', 'version', 'role', 'isAdmin', 'owner', 'status', 'state', 'price', 'total', 'as', 'system', '__proto__']
const MOST_ROWS = 3
/** Sample values of other rows have lower numbers. */
const N = 1_500

/** The claims. @param names of constraints and indexes, which no answer may have */
export function actionInputs(asking: PlannedWorld, names: readonly string[]): readonly PlannedFamily[] {
  const actions = asking.reference.model.actions.filter((action) => whyNoRequest(asking.reference, action) === null)
  return [
    familyOf(
      {
        of: 'F203',
        entity: null,
        claim: 'No body gives an action more than its inputs (OWASP API3).',
        text: `each name of a field of its entity, and ${USUAL.length} usual ones, beside the inputs of each action; the answer is that for a made-up name, and no row changes`,
      },
      actions.flatMap((action) => strayInputs(asking, action)),
    ),
    familyOf(
      {
        of: 'F200',
        entity: null,
        claim: 'No text in an input of an action becomes a part of a statement (OWASP API8).',
        text: `${INJECTIONS.length} texts in each text that an action takes; a harmless twin has the same class of answer`,
      },
      actions.flatMap((action) => hostileInputs(asking, action, names)),
    ),
  ]
}

const labelOf = ({ entity, name }: Action): string => (entity === null ? name : `${entity}.${name}`)

interface Call {
  readonly user: string | null
  readonly with: (values: Readonly<Record<string, unknown>>) => SentOverHttp
}

/** Calls by each account, of an action of an entity about some of its rows. */
function callsOf({ reference, world }: PlannedWorld, action: Action): readonly Call[] {
  const rows = action.entity === null ? [null] : (reference.rows().get(action.entity) ?? []).filter(isLive).slice(0, MOST_ROWS)
  return [...world.accounts, null].flatMap((user) =>
    rows.flatMap((row) => {
      const usual = actionRequest(reference, { action, row, n: N })
      if (usual === null) return []
      const values = Object.fromEntries(usual.inputs.map(({ name, value }) => [name, value]))
      return [{ user, with: (more: Readonly<Record<string, unknown>>) => callWith(action, String(row?.id), { ...values, ...more }) }]
    }),
  )
}

/** A call with more members in its body. */
function adding({ body, ...sent }: SentOverHttp, name: string, value: unknown): SentOverHttp {
  const members = Object.entries((body ?? {}) as Readonly<Record<string, unknown>>)
  return { ...sent, body: JSON.stringify(Object.fromEntries([...members, [name, value]])) }
}

/** The first call that a condition of its answer holds for. */
async function firstCall(
  { send, tokenOf }: ProbeTools,
  calls: readonly Call[],
  { make, fits }: { readonly make: (call: Call) => SentOverHttp; readonly fits: (answer: Answered) => boolean },
): Promise<{ readonly call: Call; readonly sent: SentOverHttp; readonly answer: Answered; readonly fit: boolean } | null> {
  let last: { readonly call: Call; readonly sent: SentOverHttp; readonly answer: Answered } | null = null
  for (const call of calls) {
    const sent = make(call)
    last = { call, sent, answer: await send({ ...sent, token: tokenOf(call.user) }) }
    if (fits(last.answer)) return { ...last, fit: true }
  }
  return last === null ? null : { ...last, fit: false }
}

const WHY = 'an action has the inputs that the design gives it'

function strayInputs(asking: PlannedWorld, action: Action): readonly SecurityProbe[] {
  const { model } = asking.reference
  const calls = callsOf(asking, action)
  const [any] = calls
  // Without a body there is nothing to add to.
  if (any === undefined || action.reads || action.address.method === 'GET') return []
  const own = new Set(action.inputs.map(({ from }) => from.name))
  const fields = model.entities.find(({ name }) => name === action.entity)?.fields.map(({ name }) => name) ?? []
  const names = [...new Set([...fields, ...USUAL])].filter((name) => !own.has(name))
  return [
    {
      goal: `${labelOf(action)}/stray-inputs`,
      user: any.user,
      async ask(tools) {
        const first = await firstCall(tools, calls, {
          make: (call) => adding(call.with({}), MADE_UP, 'x'),
          fits: ({ status }) => status === 400,
        })
        const { call, sent, answer } = first ?? {
          call: any,
          sent: any.with({}),
          answer: await tools.send({ ...any.with({}), token: null }),
        }
        const outcome = { statuses: [answer.status], why: WHY }
        if (answer.status < 400) return { ...outcome, wrong: `status ${answer.status} for a made-up input`, sent, answer }
        for (const name of names) {
          const asked = adding(call.with({}), name, 'admin')
          const own = await tools.send({ ...asked, token: tools.tokenOf(call.user) })
          if (own.status !== answer.status || own.json?.code !== answer.json?.code)
            return {
              ...outcome,
              wrong: `${name}: status ${own.status}, and ${answer.status} for a made-up input`,
              sent: asked,
              answer: own,
            }
        }
        return { ...outcome, wrong: null, sent, answer }
      },
    },
  ]
}

function hostileInputs(asking: PlannedWorld, action: Action, names: readonly string[]): readonly SecurityProbe[] {
  const calls = callsOf(asking, action)
  // What code does elsewhere cannot be put back.
  if (calls.length === 0 || action.run !== null) return []
  const texts = action.inputs.filter(({ type }) => type.kind === 'value' && type.type.kind === 'scalar' && type.type.scalar === 'text')
  return texts.map(
    ({ name }): SecurityProbe => ({
      goal: `${labelOf(action)}/${name}`,
      user: calls[0]?.user ?? null,
      async ask(tools) {
        const found = await firstCall(tools, calls, {
          make: (call) => call.with({ [name]: 'harmless text' }),
          fits: ({ status }) => status !== 401 && status !== 403 && status !== 404,
        })
        if (found === null) throw new Error(`${labelOf(action)} has no call`)
        const { call, answer: twin } = found
        const outcome = { statuses: [twin.status], why: 'the text means nothing more than any other text' }
        for (const value of twin.status < 500 ? INJECTIONS : []) {
          const sent = call.with({ [name]: value })
          const began = performance.now()
          const answer = await tools.send({ ...sent, token: tools.tokenOf(call.user) })
          const isOther = Math.trunc(answer.status / 100) !== Math.trunc(twin.status / 100) && answer.status >= 500
          const wrong = isOther
            ? `status ${answer.status}, and ${twin.status} for a harmless text`
            : ((await lateness(performance.now() - began, null)) ?? leakIn(answer, names, value))
          if (wrong !== null) return { ...outcome, wrong, sent, answer }
        }
        return { ...outcome, wrong: null, sent: found.sent, answer: twin }
      },
      rows: () => null,
    }),
  )
}
