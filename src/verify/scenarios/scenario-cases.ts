/** The cases of the family `scenarios`: what the author of the design has written as data, one case for each scenario. */

import { restBase } from '../../model/address/served.ts'
import type { Requirement } from '../../model/parts/requirement.ts'
import type { Scenario, ScenarioCall } from '../../model/parts/scenario.ts'
import type { LeftOut, PlannedFamily } from '../cases/family-plan.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { type Answered, NO_ANSWER } from '../expected/answered.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import { buildingOf } from '../worlds/world-of.ts'
import { answerDiffers, rowsDifferFrom } from './judge-call.ts'
import { startOf } from './scenario-rows.ts'
import type { KnownRows } from './scenario-values.ts'
import { sendCall } from './send-call.ts'

/** Ids and numbers of rows of scenarios are beyond those of the world and of other cases. */
const FIRST_NUMBER = 700_000
/** And each scenario has its own. */
const NUMBERS = 1_000

/** The claims about scenarios, and those that are not written as data. @param passwordHash the stored form of all passwords */
export function scenarioCases(
  planned: PlannedWorld,
  passwordHash: string,
): { readonly families: readonly PlannedFamily[]; readonly left: readonly LeftOut[] } {
  const { model } = planned.reference
  const families: PlannedFamily[] = []
  const left: LeftOut[] = []
  model.scenarios.forEach((scenario, i) => {
    const why = whyNotAsked(scenario, planned.reference)
    if (why === null) families.push(familyOf(scenario, { ...planned, passwordHash, firstNumber: FIRST_NUMBER + i * NUMBERS }))
    else left.push({ what: `scenarios/${scenario.name}`, why })
  })
  return { families, left }
}

function whyNotAsked({ calls }: Scenario, { model: { served } }: ReferenceBackend): string | null {
  if (calls.length === 0) return 'it is not written as data'
  const over = (through: ScenarioCall['through']): boolean => calls.some((call) => call.kind !== 'call' && call.through === through)
  if (served.rest === null && over('rest')) return 'the design serves no REST for rows'
  return !served.graphql && over('graphql') ? 'the design serves no GraphQL' : null
}

interface Asking extends PlannedWorld {
  readonly passwordHash: string
  readonly firstNumber: number
}

function familyOf(scenario: Scenario, asking: Asking): PlannedFamily {
  const id = `scenarios/${scenario.name}`
  const goals = scenario.calls.map((call, i) => `${i + 1} ${callWords(call)}`)
  const asked = asking.reference.model.requirements.filter((one) => namesScenario(one, scenario.name)).map(({ id: own }) => own)
  return {
    plan: {
      id,
      claim: `${scenario.text ?? `The calls of ${scenario.name} are answered as its author expects.`}${asked.length === 0 ? '' : ` (${asked.join(', ')})`}`,
      path: ['scenarios', scenario.name],
      oracle: 'the author of the scenario',
      text: 'the rows of the scenario alone, and its calls in their order; answers, rows and events are compared with what it says',
      what: 'calls',
      asked: goals,
      impossible: [],
      untested: [],
    },
    cases: [],
    probes: [scenarioProbe(scenario, { ...asking, id, goals })],
  }
}

function namesScenario({ by }: Requirement, name: string): boolean {
  return by.some((part) => part.kind === 'scenario' && part.scenario === name)
}

/** `delete v as pat`. */
function callWords(call: ScenarioCall): string {
  const what = call.kind === 'call' ? `${call.action}${call.row === null ? '' : ` on ${call.row}`}` : 'row' in call ? call.row : call.entity
  return `${call.kind === 'call' ? 'call' : call.kind} ${what} as ${call.as ?? 'anonymous'}${call.through === 'graphql' ? ' by GraphQL' : ''}`
}

interface AskingOne extends Asking {
  readonly id: string
  readonly goals: readonly string[]
}

function scenarioProbe(scenario: Scenario, { id, goals, ...asking }: AskingOne): ProbeCase {
  return {
    name: `${id}/rest`,
    claim: id,
    door: 'scenario',
    user: scenario.calls.find(({ as }) => as !== null)?.as ?? null,
    goals,
    atoms: {},
    ask: (tools) => askScenario(scenario, { ...asking, tools }),
    // The rows are other ones than those of the world. What becomes of them is what the calls expect.
    rows: () => null,
    events: () => null,
  }
}

const UNSENT: Answered = { status: NO_ANSWER, headers: {}, text: '', json: undefined }

async function askScenario(
  scenario: Scenario,
  { reference, world, passwordHash, firstNumber, tools }: Asking & { readonly tools: ProbeTools },
): Promise<ProbeOutcome> {
  const { model, design } = reference
  const now = new Date()
  const rows = new Map(model.entities.map(({ name }) => [name, []]))
  const building = buildingOf(design, model, {
    passwordHash,
    rows,
    mentions: world.mentions,
    mostChildren: Number.POSITIVE_INFINITY,
    firstNumber,
  })
  const start = startOf(scenario, building, now)
  const unsent = (wrong: string): ProbeOutcome => ({
    wrong,
    statuses: [],
    why: 'the rows of the scenario',
    sent: { method: 'POST', url: restBase(model) },
    answer: UNSENT,
  })
  if (start.kind === 'impossible') return unsent(start.why)
  const refused = await tools.replaceRows(start.rows).then(
    () => null,
    (error: unknown) => `the database refuses the rows: ${error instanceof Error ? error.message : String(error)}`,
  )
  if (refused !== null) return unsent(refused)
  const known = new Map(start.named)
  const tokens = new Map<string, string>()
  const tokenOf = async (name: string): Promise<string> => {
    const token = tokens.get(name) ?? (await tools.newToken(String(known.get(name)?.id)))
    tokens.set(name, token)
    return token
  }
  const context = { model, rows: known, now }
  let last: ProbeOutcome | null = null
  for (const [i, call] of scenario.calls.entries()) {
    const { sent, answer } = await sendCall(call, { tools, reference, context, tokenOf })
    const wrong =
      answerDiffers(call, answer, context) ??
      nameNew(call, answer, known) ??
      (call.expect.leaves.length === 0 ? null : rowsDifferFrom(call, await tools.rows(), context))
    const { status } = call.expect
    last = {
      wrong: wrong === null ? null : `call ${i + 1}, ${callWords(call)}: ${wrong}`,
      statuses: status === null ? [] : [status],
      why: `call ${i + 1} of the scenario`,
      sent,
      answer,
    }
    if (wrong !== null) return last
  }
  const events = await eventsDiffer(scenario, known, tools)
  return { ...(last ?? unsent('it has no calls')), ...(events === null ? {} : { wrong: events }) }
}

/** Gives a created row its name. Returns what is wrong with its answer. */
function nameNew(
  call: ScenarioCall,
  { json }: Answered,
  known: Map<string, { readonly entity: string; readonly id: string | number }>,
): string | null {
  if (call.kind !== 'create' || call.named === null) return null
  const id: unknown = json?.id
  if (typeof id !== 'string' && typeof id !== 'number') return `the answer has no id of ${call.named}`
  known.set(call.named, { entity: call.entity, id })
  return null
}

/** Whether each event was logged once for each of its rows, and for no other named one. */
async function eventsDiffer({ events }: Scenario, known: KnownRows, tools: ProbeTools): Promise<string | null> {
  if (events === null) return null
  const logged = await tools.events()
  for (const { entity, happening, rows } of events) {
    const own = logged.filter((event) => event.entity === entity && event.happening === happening)
    for (const [name, { id }] of known) {
      const count = own.filter(({ rowId }) => rowId === String(id)).length
      const wanted = rows.includes(name) ? 1 : 0
      if (count !== wanted) return `${entity}.${happening} of ${name} was logged ${count} times, expected ${wanted}`
    }
  }
  return null
}
