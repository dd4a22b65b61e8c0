/** The part of a run in which the backend also runs reactions and jobs, and sends to receivers of verify. */

import type { CasePlan } from '../../../verify/cases/cases-of.ts'
import type { MessageCase } from '../../../verify/cases/message-case.ts'
import { referenceOf } from '../../../verify/expected/reference.ts'
import type { WrittenDesign } from '../../../verify/expected/written-design.ts'
import { messageRows } from '../../../verify/messages/message-cases.ts'
import type { CaseResult } from '../../../verify/run/case-result.ts'
import { runMessages } from '../../../verify/run/run-messages.ts'
import { openWork, type WorkOptions } from './open-work.ts'

/** What is asked, and of what. */
export interface AskingMessages extends Omit<WorkOptions, 'rows'> {
  readonly written: WrittenDesign
  readonly plan: CasePlan
  readonly cases: readonly MessageCase[]
}

/** Asks the cases of a backend of their own, on a database of its own. @throws EnvironmentError as for `openStage` */
export async function askMessages({ written, plan, cases, ...options }: AskingMessages): Promise<readonly CaseResult[]> {
  if (cases.length === 0) return []
  const { model } = options
  const rows = messageRows({ reference: referenceOf(written, model, plan.world.rows), world: plan.world })
  const { stage, close } = await openWork({ ...options, rows })
  try {
    return await runMessages(stage, { model, accounts: plan.world.accounts, cases })
  } finally {
    await close()
  }
}
