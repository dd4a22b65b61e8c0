/** What the parts of binding a contract share. */

import type { Action } from '../../model/action.ts'
import type { ActionAddress } from '../../model/address/action-address.ts'
import type { Redirect } from '../../model/address/redirect.ts'
import type { Report } from '../findings/report.ts'
import type { Misfit } from './compare-answer.ts'
import type { Entities } from './given-type.ts'
import type { ContractOperation } from './operations.ts'
import type { ContractReading } from './references.ts'
import type { ContractPath } from './served-paths.ts'

/** What binding an action needs. */
export interface ContractBinding {
  readonly reading: ContractReading
  readonly report: Report
  readonly entities: Entities
  readonly actions: readonly Action[]
  /** The status of a code. */
  readonly statusOf: (code: string) => number
}

/** An action and the operation that it serves. */
export interface OperationOfAction {
  readonly action: Action
  readonly operation: ContractOperation
  readonly servedAt: ContractPath
  /** The status of a success that the design names; null for that of the contract. */
  readonly status: number | null
  /** Where the design leads the client; null for nowhere. */
  readonly redirect: Redirect | null
  /** The media type of the answer that the design names; null for none. */
  readonly type: ActionAddress['type'] | null
  /** Whether the design gives the answer. */
  readonly answers: boolean
}

/** Adds a finding about something that does not fit. */
export function addMisfit(report: Report, { code, at, message, hint }: Misfit): void {
  report.add(code, at, message, hint)
}

/** An operation as messages name it: `GET /articles`. */
export function titleOf({ method, ownPath }: ContractOperation): string {
  return `${method} ${ownPath}`
}
