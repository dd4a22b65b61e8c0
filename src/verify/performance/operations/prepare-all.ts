/** Prepares all operations of a load: chooses rows and callers, and finds the operations that somebody may send. */

import type { Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import type { Stage } from '../../run/stage.ts'
import { actionOperations, MOST_ACTIONS } from './action-operations.ts'
import { loadOperations, MOST_OPERATIONS, type SampledRow } from './load-operations.ts'
import { type PreparedOperation, prepareOperation } from './prepare.ts'
import { chooseCallers, sampleRows } from './sample-rows.ts'

/** Which operations to prepare. */
export interface Preparing {
  readonly model: Model
  readonly seed: number
  /** The beginning of the ids of the operations; null for all. */
  readonly only: string | null
}

/** The operations that can be measured, and those that were left out, with the reason. */
export interface PreparedLoad {
  readonly callers: number
  readonly prepared: readonly PreparedOperation[]
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** Prepares the first operations that some caller may send, on the rows that the tables have now. */
export async function prepareAll(
  { client, stage }: { readonly client: Connection; readonly stage: Pick<Stage, 'ask' | 'tokenFor'> },
  { model, seed, only }: Preparing,
): Promise<PreparedLoad> {
  const account = model.entities.find(({ name }) => name === model.identity?.entity)
  const accounts = account === undefined ? [] : await sampleRows(client, { model, entity: account, seed }, [])
  const sampled = async (ids: readonly string[]) => {
    const all = new Map<string, readonly SampledRow[]>()
    for (const entity of model.entities) all.set(entity.name, await sampleRows(client, { model, entity, seed }, ids))
    return all
  }
  const callers = chooseCallers(model, { accounts, rows: await sampled([]) })
  const rows = await sampled(callers.flatMap(({ id }) => id ?? []))
  const signed = []
  for (const caller of callers) signed.push({ ...caller, token: caller.id === null ? null : await stage.tokenFor(caller.id) })
  const world = { model, rows, callers: signed, ask: stage.ask }
  const prepared: PreparedOperation[] = []
  const left: { what: string; why: string }[] = []
  const actions = actionOperations(model)
  for (const [n, operation] of [...actions, ...loadOperations(model)].entries()) {
    if (only !== null && operation.id !== only && !operation.id.startsWith(`${only}.`)) continue
    const isAction = n < actions.length
    if (isAction && prepared.length === MOST_ACTIONS) {
      left.push({ what: `load of ${operation.what}`, why: `at most ${MOST_ACTIONS} actions are measured, the first of the design` })
      continue
    }
    if (prepared.length === MOST_OPERATIONS) {
      left.push({
        what: `load of ${operation.what}`,
        why: `at most ${MOST_OPERATIONS} operations are measured, those of the largest tables`,
      })
      continue
    }
    const outcome = await prepareOperation(world, operation, n)
    if ('why' in outcome) left.push({ what: `load of ${operation.what}`, why: outcome.why })
    else prepared.push(outcome)
  }
  return { callers: callers.length, prepared, left }
}
