/** What the cases about an environment are planned from, and how they ask: by caller, and again where rows may have changed meanwhile. */

import type { ProbeCase, ProbeOutcome, ProbeTools } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { KnownCaller, KnownEnvironment } from './environment.ts'

/** A design with what is known of an environment. */
export interface AskedEnvironment extends KnownEnvironment {
  /** The accounts of the callers, and no other rows. */
  readonly asking: PlannedWorld
}

/** A caller: `anonymous`, or a token that was given. */
export interface Asking {
  readonly kind: string
  /** Null for an anonymous caller. */
  readonly known: KnownCaller | null
}

/** All callers, the anonymous one first. */
export function askingCallers({ callers }: KnownEnvironment): readonly Asking[] {
  return [{ kind: 'anonymous', known: null }, ...callers.map((known) => ({ kind: known.kind, known }))]
}

/** Asks as one caller. */
export type AskAs = (sent: SentOverHttp) => Promise<Answered>

/** What is wrong, and the request that shows it. */
export interface Seen {
  readonly wrong: string | null
  readonly sent: SentOverHttp
  readonly answer: Answered
  /** Why nothing could be compared; absent where something was. */
  readonly nothing?: string
}

/** A probe that may have to be asked again. */
export interface RepeatedProbe {
  readonly claim: string
  readonly goal: string
  readonly user: string | null
  readonly statuses: readonly number[]
  readonly why: string
  readonly look: (ask: AskAs, tools: ProbeTools) => Promise<Seen>
}

/** Others may change rows between two requests, so what differs only once is no finding. */
const TIMES = 3

/** A probe that is asked up to three times, and fails if it does each time. */
export function repeated({ claim, goal, user, statuses, why, look }: RepeatedProbe): ProbeCase {
  return {
    ...{ name: `${claim}/${goal}`, claim, door: 'rest', user, goals: [goal], atoms: {} },
    async ask(tools): Promise<ProbeOutcome> {
      const ask: AskAs = (sent) => tools.send({ ...sent, token: tools.tokenOf(user) })
      let seen = await look(ask, tools)
      for (let i = 1; i < TIMES && seen.wrong !== null; i++) seen = await look(ask, tools)
      const { nothing, ...outcome } = seen
      return { ...outcome, statuses, why, ...(nothing === undefined ? {} : { left: { [goal]: nothing } }) }
    },
  }
}
