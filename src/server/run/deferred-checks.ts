/** The checks over relations that a request with several writes judges at its end, when the rows of all its writes are there. */

import { Failure, failure } from '../../base/failure.ts'
import type { Runner, Statement } from '../../base/sql/statement.ts'
import { brokenCheck } from '../../compile/statements/checks/checked.ts'
import type { Model } from '../../model/model.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import { statementFailure } from './database-failure.ts'

/** The checks to judge at the end of a transaction. */
export interface DeferredChecks {
  /** Adds statements that judge checks. */
  readonly add: (judges: readonly Statement[]) => void
  /** Judges all added checks. @throws Failure `check_failed`, with the message of the first check that is broken. */
  readonly judge: (runner: Runner) => Promise<void>
}

/** Opens the list of the checks of one request. */
export function openDeferredChecks(model: Model): DeferredChecks {
  const added = new Set<Statement>()
  return {
    add: (judges) => {
      for (const one of judges) added.add(one)
    },
    judge: (runner) => judgeChecks(model, [...added], runner),
  }
}

/** Runs statements that judge checks. @throws Failure `check_failed`, with the message of the first check that is broken. */
export async function judgeChecks(model: Model, judges: readonly Statement[], runner: Runner): Promise<void> {
  for (const judge of judges) {
    try {
      await runner.run(judge, {})
    } catch (error) {
      throw checkFailure(model, error) ?? statementFailure(judge.name, error)
    }
  }
}

/** The failure of a check that a row breaks; null for any other error. */
export function checkFailure(model: Model, error: unknown): Failure | null {
  if (error instanceof Failure) return null
  const { sqlState, message } = explainError(error)
  const broken = sqlState === '42704' ? brokenCheck(model, message) : null
  return broken === null ? null : failure('check_failed', { message: broken, entity: null })
}
