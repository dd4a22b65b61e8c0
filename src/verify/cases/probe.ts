/** Questions that need other requests than those of the reference: malformed ones, several in a row, or many at once. */

import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { AllRows, ReferenceBackend } from '../expected/reference.ts'
import type { PromisedEvent } from '../rules/promised-events.ts'
import type { NamedCase } from './case.ts'
import type { IndexedList, ListPlanFacts } from './indexed-list.ts'

/** A question with its own requests and its own judgement. */
export interface ProbeCase extends NamedCase {
  /** Asks and judges the answers. */
  readonly ask: (tools: ProbeTools) => Promise<ProbeOutcome>
  /** Whether it is asked after all others. */
  readonly last?: true
  /** What is wrong with the rows afterwards; null if nothing is. Unless given, no row may change. @param reference has the rows before. */
  readonly rows?: (reference: ReferenceBackend, after: AllRows) => string | null
  /**
   * What must be logged: the events of the rows that changed, or those of an action, once each; none means that nothing may be logged, and
   * null that it is not known. Unless given, a probe that changes no row logs nothing, and the log of others is not looked at.
   */
  readonly events?: 'of-rows' | ((outcome: ProbeOutcome) => readonly PromisedEvent[] | null)
}

/** A request with its token. */
export interface ProbeRequest extends SentOverHttp {
  /** The text after the scheme in `Authorization`; null sends no such header. */
  readonly token: string | null
  /** The instance of the backend that is asked, from 0; 0 unless given. */
  readonly instance?: number
  /** The caller is none of the world, so that no document describes what it is answered. */
  readonly undescribed?: true
}

/** What a probe asks with. */
export interface ProbeTools {
  readonly send: (request: ProbeRequest) => Promise<Answered>
  /** The access token of an account in this run; null for an anonymous caller. */
  readonly tokenOf: (user: string | null) => string | null
  /** Begins a session of an account and gives its access token. */
  readonly newToken: (account: string) => Promise<string>
  /** The rows before the case. */
  readonly before: AllRows
  /** The rows as they are now. */
  readonly rows: () => Promise<AllRows>
  /**
   * What writes leave beside rows: how many rows each table of the backend itself has, how many files its
   * storage has, and the state of its counters.
   */
  readonly traces: () => Promise<Traces>
  /** What the processes of the backend have written since they started; null for a backend without a log that can be read. */
  readonly log: () => WrittenLog | null
  /** The variables that the design names, with the values that the backend was started with; absent where they are not known. */
  readonly variables?: Readonly<Record<string, string>>
  /** The tokens and keys of this run. */
  readonly secrets: () => readonly KnownSecret[]
  /** Removes a row from the database. */
  readonly removeRow: (entity: string, id: string) => Promise<void>
  /** Changes rows in the database for this case. */
  readonly plant: (planted: PlantedRows) => Promise<void>
  /** Puts rows in place of all rows, for this case, and empties the log of events. @throws the refusal of PostgreSQL */
  readonly replaceRows: (rows: AllRows) => Promise<void>
  /** The events in the log. */
  readonly events: () => Promise<readonly PromisedEvent[]>
  /** Takes away the jobs that earlier cases have added. */
  readonly forgetJobs: () => Promise<void>
  /** Inserts a row again that was there before the case. */
  readonly returnRow: (entity: string, id: string) => Promise<void>
  /** How PostgreSQL would read a list, with sorts and reads of whole tables as a last resort. */
  readonly planOf: (list: IndexedList) => Promise<ListPlanFacts>
  /** How many instances of the backend serve the same database. */
  readonly instances: number
  /** The key and the names with which the backend signs tokens; null where they are not known. */
  readonly signing: TokenSigning | null
}

/** Rows that a case has in place of those of the world. */
export interface PlantedRows {
  /** New rows, and rows with other values, by entity. */
  readonly put: AllRows
  /** Ids of rows that are taken away, by entity. */
  readonly removed: ReadonlyMap<string, readonly string[]>
}

/** What processes have written. */
export interface WrittenLog {
  /** The text in pieces, in order. */
  readonly parts: () => Iterable<string>
  /** How many characters could not be kept; 0 if the log is whole. */
  readonly lost: number
}

/** A text that only its owner may see. */
export interface KnownSecret {
  /** `a refresh token`. */
  readonly kind: string
  readonly text: string
}

/** What writes leave beside rows, by table. */
export type Traces = Readonly<Record<string, string>>

/** With what a backend signs its tokens. */
export interface TokenSigning {
  /** The private key, as PEM. */
  readonly pem: string
  readonly issuer: string
  readonly audience: string
}

/** What a probe saw. */
export interface ProbeOutcome {
  /** What is wrong; null if all is as expected. */
  readonly wrong: string | null
  readonly statuses: readonly number[]
  /** The rule or the constraint that decides. */
  readonly why: string
  /** The request that decides. */
  readonly sent: SentOverHttp
  readonly answer: Answered
  /** The goals that could not be asked, with the reasons; none unless given. */
  readonly left?: LeftGoals
}

/** Goals that a probe could not ask, each with the reason: what it needs was not there. */
export type LeftGoals = Readonly<Record<string, string>>

/** What one request must be answered. */
export interface ExpectedAnswer {
  readonly statuses: readonly number[]
  readonly why: string
  readonly code?: string
  /** Further conditions on the answer: what is wrong, or null. */
  readonly check?: (answer: Answered) => string | null
}

/** Sends one request and compares its answer. */
export async function askOnce({ send }: ProbeTools, request: ProbeRequest, expected: ExpectedAnswer): Promise<ProbeOutcome> {
  const answer = await send(request)
  return { wrong: answerMismatch(answer, expected), statuses: expected.statuses, why: expected.why, sent: request, answer }
}

/** What differs between an answer and what is expected; null if nothing does. */
export function answerMismatch(answer: Answered, { statuses, code, check }: ExpectedAnswer): string | null {
  if (!statuses.includes(answer.status)) return `status ${answer.status}, expected ${statuses.join(' or ')}`
  if (code !== undefined && answer.json?.code !== undefined && answer.json.code !== code)
    return `code ${answer.json.code}, expected ${code}`
  return check?.(answer) ?? null
}
