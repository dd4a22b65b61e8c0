/** The cases of the family `effects`: what calls of actions do to all rows, and what they answer. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Action } from '../../model/action.ts'
import type { LeftOut, PlannedFamily } from '../cases/family-plan.ts'
import type { PlantedRows, ProbeCase, ProbeOutcome } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { type AllRows, isLive, type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import { type ActionDesignAt, actionLabelled, writtenLabel } from '../fold/written-actions.ts'
import type { WrittenLogic } from '../fold/written-logic.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { callWith, isNeededInput } from '../requests/action-request.ts'
import { reactedTo } from '../rules/promised-events.ts'
import { buildingOf } from '../worlds/world-of.ts'
import { whyNoEffects } from './asked-actions.ts'
import { judgeEffect, unforeseenFields } from './judge-effect.ts'
import { type FoundCalls, searchCalls } from './search.ts'
import type { BuildingOver } from './tweaks.ts'
import { placedSteps } from './wanted-goals.ts'

/** Ids and numbers of rows that cases plant are beyond those of the world. */
const FIRST_NUMBER = 400_000

/** The claims about the effects of actions, and the actions without such cases. @param passwordHash the stored form of all passwords */
export function effectCases(
  { reference, world }: PlannedWorld,
  passwordHash: string,
): { readonly families: readonly PlannedFamily[]; readonly left: readonly LeftOut[] } {
  const { design, model } = reference
  const logic = reference as ReferenceBackend<WrittenLogic>
  const buildingOver: BuildingOver = (rows) =>
    buildingOf(design, model, {
      ...{ passwordHash, mentions: world.mentions, mostChildren: Number.POSITIVE_INFINITY, firstNumber: FIRST_NUMBER },
      rows: new Map(model.entities.map(({ name }) => [name, [...(rows.get(name) ?? [])]])),
    })
  const families: PlannedFamily[] = []
  const left: LeftOut[] = []
  for (const action of model.actions) {
    const label = writtenLabel(action)
    const why = whyNoEffects(logic, action)
    if (why !== null) {
      left.push({ what: label, why })
      continue
    }
    try {
      const written = actionLabelled({ design: logic.design }, label)
      const found = searchCalls({
        reference: logic,
        action: written,
        accounts: callersOf(logic, world.accounts),
        inputs: inputsFor(logic, action),
        buildingOver,
      })
      families.push(effectFamily(logic, { action, written, found }))
    } catch (error) {
      left.push({ what: label, why: `what their steps do cannot be worked out: ${error instanceof Error ? error.message : String(error)}` })
    }
  }
  const groups = Map.groupBy(left, ({ why }) => why)
  return { families, left: [...groups].map(([why, of]) => ({ what: `effects of ${of.map(({ what }) => what).join(', ')}`, why })) }
}

/** Accounts that differ in what rules read of them, at most two of a kind. */
function callersOf({ model, rows }: ReferenceBackend, accounts: readonly string[]): readonly string[] {
  const own = (rows().get(model.identity?.entity ?? '') ?? []).filter(({ id }) => accounts.includes(String(id)))
  const claims = model.claims.filter(({ name }) => name !== 'id').map(({ field }) => field)
  const kinds = Map.groupBy(own, (row) => JSON.stringify(claims.map((field) => (model.identity?.login === field ? null : row[field]))))
  return [...kinds.values()].flatMap((group) => group.slice(0, 2).map(({ id }) => String(id))).slice(0, 6)
}

/** Inputs with which searches begin: those that must be sent, and all. */
function inputsFor(reference: ReferenceBackend, { inputs }: Action): readonly Readonly<Record<string, unknown>>[] {
  const sampleOf = ({ type }: Action['inputs'][number]): unknown =>
    type.kind === 'reference'
      ? (reference.rows().get(type.entity) ?? []).find((row) => isLive(row) && (row[type.by] ?? null) !== null)?.[type.by]
      : type.type.kind === 'file'
        ? undefined
        : sampleValue(type.type, 1_900)
  const of = (some: Action['inputs']): Readonly<Record<string, unknown>> =>
    Object.fromEntries(some.map((input) => [input.name, sampleOf(input)] as const).filter(([, value]) => value !== undefined))
  const needed = inputs.filter(isNeededInput)
  return needed.length === inputs.length ? [of(inputs)] : [of(needed), of(inputs)]
}

interface FoundAction {
  readonly action: Action
  readonly written: ActionDesignAt
  readonly found: FoundCalls
}

function effectFamily(reference: ReferenceBackend<WrittenLogic>, found: FoundAction): PlannedFamily {
  const {
    action,
    found: { wanted, calls },
  } = found
  const label = writtenLabel(action)
  const id = `effects/${label}`
  const asked = new Set(calls.flatMap(({ goals }) => goals))
  return {
    plan: {
      id,
      claim: `${label} does to all rows what its steps say, and answers what the design says.`,
      path: action.at.map(String),
      oracle: 'the steps of the design, carried out on rows in memory, with cel-js for their expressions',
      text: 'each step done, left out and refused, and each of its conditions as true and false where it decides; the answer, all rows, added jobs and emitted events are compared',
      what: 'steps and conditions',
      asked: wanted.filter((goal) => asked.has(goal)),
      impossible: [],
      untested: wanted.filter((goal) => !asked.has(goal)),
    },
    cases: [],
    probes: calls.map((one) => effectProbe(reference, found, { id, ...one })),
  }
}

interface AskedCall {
  readonly id: string
  readonly tried: FoundCalls['calls'][number]['tried']
  readonly goals: readonly string[]
}

function effectProbe(
  reference: ReferenceBackend<WrittenLogic>,
  { action, written }: FoundAction,
  { id, tried, goals }: AskedCall,
): ProbeCase {
  const { design, model } = reference
  const { situation } = tried
  const { call } = situation
  const planted = plantedIn(reference.rows(), situation.rows)
  const steps = placedSteps(design, written).map(({ step }) => step)
  const open = unforeseenFields(design, steps)
  const callsOthers = steps.some((step) => 'call' in step)
  const sent = callWith(action, call.rowId ?? '', call.input)
  let emitted: readonly { readonly entity: string; readonly happening: string; readonly rowId: string }[] | null = null
  return {
    name: `${id}/${(goals[0] ?? '').replaceAll('/', '-')}/rest`,
    claim: id,
    door: 'action',
    user: call.user,
    goals,
    atoms: {},
    async ask(tools) {
      const refusal = planted === null ? null : await refusedRows(tools.plant(planted))
      if (refusal !== null) return unplanted(goals, sent, refusal)
      if (steps.some((step) => 'enqueue' in step)) await tools.forgetJobs()
      const before = referenceOf(design, model, planted === null ? tools.before : await tools.rows())
      const jobs = (await tools.traces()).jobs
      const answer = await tools.send({ ...sent, token: tools.tokenOf(call.user) })
      const { wrong, folded } = judgeEffect(before, { action, call, open }, { answer, after: await tools.rows() })
      const { outcome, enqueued } = folded
      const isDone = outcome.kind === 'done'
      emitted = !isDone ? [] : callsOthers ? null : emittedBy(design, action, { rowId: call.rowId, emitted: folded.emitted })
      const added = Number((await tools.traces()).jobs ?? 0) - Number(jobs ?? 0)
      const lost = wrong === null && jobs !== undefined && added !== (isDone ? enqueued.length : 0)
      return {
        wrong: lost ? `${added} jobs were added, expected ${isDone ? enqueued.length : 0}` : wrong,
        statuses: outcome.kind === 'refused' ? outcome.refusals.map(({ status }) => status) : [200, 201, 204],
        why: outcome.kind === 'refused' ? 'a step, or what comes before the steps, refuses the call' : 'all steps are done',
        sent,
        answer,
      }
    },
    rows: () => null,
    events: () => emitted,
  }
}

/** Why the database refused rows; null if it took them. */
async function refusedRows(planting: Promise<void>): Promise<string | null> {
  try {
    await planting
    return null
  } catch (error) {
    return `the database refused the rows of this case: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The outcome of a case that could not be asked. */
function unplanted(goals: readonly string[], sent: SentOverHttp, why: string): ProbeOutcome {
  const answer = { status: 0, headers: {}, text: '', json: undefined }
  return { wrong: null, statuses: [], why, sent, answer, left: Object.fromEntries(goals.map((goal) => [goal, why])) }
}

/** The events of a call to which the design reacts. */
function emittedBy(
  design: WrittenLogic,
  { entity, name }: Action,
  { rowId, emitted }: { readonly rowId: string | null; readonly emitted: AskedCall['tried']['folded']['emitted'] },
): AskedCall['tried']['folded']['emitted'] {
  const own = entity === null || rowId === null ? [] : [{ entity, happening: name, rowId }]
  return [...own, ...emitted].filter((one) => reactedTo(design, one.entity).includes(one.happening))
}

/** The rows that differ; null for none. */
function plantedIn(world: AllRows, rows: AllRows): PlantedRows | null {
  const put = new Map<string, readonly PlainRow[]>()
  const removed = new Map<string, readonly string[]>()
  for (const [entity, own] of rows) {
    const known = new Set(world.get(entity) ?? [])
    const ids = new Set(own.map(({ id }) => id))
    const changed = own.filter((row) => !known.has(row))
    const gone = [...known].filter(({ id }) => !ids.has(id)).map(({ id }) => String(id))
    if (changed.length > 0) put.set(entity, changed)
    if (gone.length > 0) removed.set(entity, gone)
  }
  return put.size + removed.size === 0 ? null : { put, removed }
}
