/** What the reference expects of a call of an action. */

import type { AllRows as Rows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

/** One way in which a call may fail. */
export interface Refusal {
  readonly status: number
  /** Null where the documentation does not say which code it is. */
  readonly code: string | null
  /** The pointers of the problems; null where the documentation does not say which there are. */
  readonly pointers: readonly string[] | null
}

/** Stops the action. There are several refusals where the documentation does not say which of several comes first. */
export class CallRefused extends Error {
  readonly refusals: readonly Refusal[]
  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ status, code }) => `${status} ${code}`).join(' or '))
    this.refusals = refusals
  }
}

/** Stops the action with one refusal. @throws CallRefused always. */
export function refuseCall(status: number, code: string, pointers: readonly string[] | null = null): never {
  throw new CallRefused([{ status, code, pointers }])
}

/** The answer and the rows of a call that is done, or its refusals. */
export type ActionOutcome = (
  | { readonly kind: 'done'; readonly answer: unknown; readonly rows: Rows }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
) & {
  /** The sign-in with a password that the call has tried, if any. */
  readonly attempt: Attempt | null
  /** The kinds of things that have happened. */
  readonly seen: ReadonlySet<string>
}

/** A sign-in with a password: the login, and the account whose password it was. */
export interface Attempt {
  readonly login: string
  readonly account: PlainValue
}

/** A call of an action. */
export interface CalledAction {
  readonly entity: string | null
  readonly name: string
  /** The id of the row; null for an action of the design. */
  readonly id: string | null
  /** The value of the unique field by which the address finds the row; null where it has the id. */
  readonly key: string | null
  /** Whether a body without members is left out. */
  readonly isBare: boolean
  readonly input: Readonly<Record<string, unknown>>
  /** The version that If-Match gives; null without. */
  readonly version: number | null
}

/** Gives what the server chose in a new row: its id and its numbers. */
export type NewValues = (entity: string) => PlainRow
