/** What the probes of security have in common. */

import { compile } from '../../compile/compile.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { FamilyPlan, PlannedFamily } from '../cases/family-plan.ts'
import type { ProbeCase, ProbeOutcome, ProbeRequest, ProbeTools } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered } from '../cases/usual-request.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { SecurityClass } from './classes.ts'

/** Headers of a browser that opens a page. */
export const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } as const

/** A claim about one class and one part of a design. */
export interface SecurityClaim {
  /** A class of faults, or what every backend needs whatever its class is. */
  readonly of: SecurityClass | 'limits' | 'logs' | 'origins'
  /** An entity; null for the backend as a whole. */
  readonly entity: string | null
  /** A part of the backend that is no entity; absent for all of it. */
  readonly about?: string
  readonly claim: string
  readonly text: string
  /** Where the expectation comes from; what no answer may show, and a harmless twin, unless given. */
  readonly oracle?: string
}

/** A probe of a claim, with what it shows. */
export interface SecurityProbe extends Pick<ProbeCase, 'user' | 'ask' | 'rows' | 'events' | 'last'> {
  /** Names the probe, and is a part of the denominator. */
  readonly goal: string
  /** What the probe shows in place of its goal, where it shows several things. */
  readonly goals?: readonly string[]
}

/** The family of a claim. */
export function familyOf({ of, entity, about, claim, text, oracle }: SecurityClaim, probes: readonly SecurityProbe[]): PlannedFamily {
  const part = entity ?? about
  const id = part === undefined ? `security/${of}` : `security/${of}/${part}`
  const goals = probes.flatMap((probe) => probe.goals ?? [probe.goal])
  const plan: FamilyPlan = {
    id,
    claim,
    path: entity === null ? ['entities'] : ['entities', entity],
    oracle: oracle ?? 'what no answer may show, and a twin request without the attack',
    text,
    what: 'attacks',
    asked: [...new Set(goals)],
    impossible: [],
    untested: [],
  }
  return {
    plan,
    cases: [],
    probes: probes.map(({ goal, goals: several, ...probe }) => ({
      ...probe,
      ...{ name: `${id}/${goal}`, claim: id, door: 'rest', goals: several ?? [goal], atoms: {} },
    })),
  }
}

/** One request, and what must hold for its answer. */
export async function askGuarded(
  { send }: ProbeTools,
  request: ProbeRequest,
  {
    statuses,
    why,
    check,
  }: { readonly statuses: (status: number) => boolean; readonly why: string; readonly check: (answer: Answered) => string | null },
): Promise<ProbeOutcome> {
  const answer = await send(request)
  const wrong = statuses(answer.status) ? check(answer) : `status ${answer.status}`
  return { wrong, statuses: [400], why, sent: request, answer }
}

/** The names of the database that no answer may have: those of tables, columns, constraints and indexes, unless the design has them too. */
export function databaseNames(model: Model): readonly string[] {
  const own = ownWords(model)
  const { tables } = compile(model).database
  const names = tables.flatMap((table) => [
    table.name,
    ...[...table.columns, ...table.constraints, ...table.indexes].map(({ name }) => name),
  ])
  // A name of one word may be a word of any answer.
  return [...new Set(names)].filter((name) => name.includes('_') && !own.has(name))
}

/** All words of a design: its names, choices, defaults and texts, without the names that its tables and columns get. */
function ownWords(model: Model): ReadonlySet<string> {
  const text = JSON.stringify(model, (key, value: unknown) => {
    if (key === 'column' || key === 'table') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
  return new Set(text.match(/\w+/g))
}

/** Whether a status says that the request was refused. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500
}

/** The first caller who may list the rows of an entity; the anonymous one if no caller may. */
export function readerOf(asking: PlannedWorld, entity: Entity): string | null {
  return requestAnswered(asking, { entity, verb: 'list', statuses: [200] })?.user ?? null
}

/** Whether a request is refused. Only in GraphQL, a refusal may be answered 200 with errors. */
export function isRefusedAnswer({ url }: Pick<SentOverHttp, 'url'>, { status, json }: Answered): boolean {
  if (url === '/graphql' && status === 200) return Array.isArray(json?.errors) && json.errors.length > 0
  return status >= 400 && status < 500
}
