/** Prepares all operations of a load: chooses rows and callers, and finds the operations that somebody may send. */

import type { Entity, Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import type { Stage } from '../../run/stage.ts'
import { actionOperations, MOST_ACTIONS } from './action-operations.ts'
import { graphqlOperations, MOST_GRAPHQL } from './graphql-operations.ts'
import { type LoadOperation, loadOperations, MOST_OPERATIONS, type SampledRow } from './load-operations.ts'
import { type LoadWorld, type PreparedOperation, prepareOperation, type Unprepared } from './prepare.ts'
import { prepareDeletes } from './prepare-deletes.ts'
import { chooseCallers, sampleRows } from './sample-rows.ts'

/** Which operations to prepare. */
export interface Preparing {
  readonly model: Model
  readonly seed: number
  /** The beginning of the ids of the operations; null for all. */
  readonly only: string | null
  /** Makes rows that may be deleted; without it, deletes are left out. */
  readonly makeRows?: (entity: Entity) => Promise<readonly SampledRow[]>
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
  { model, seed, only, makeRows }: Preparing,
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
  const world: LoadWorld = { model, rows, callers: signed, ask: stage.ask }
  const prepared: PreparedOperation[] = []
  const left: { what: string; why: string }[] = []
  const isAsked = ({ id }: LoadOperation): boolean => only === null || id === only || id.startsWith(`${only}.`)
  let number = 0
  const prepareGroup = async (operations: readonly LoadOperation[], most: number, why: string): Promise<void> => {
    for (const operation of operations.filter(isAsked)) {
      const n = number++
      const what = `load of ${operation.what}`
      if (prepared.length >= most) {
        left.push({ what, why })
        continue
      }
      const outcome = await (operation.once === true ? toDelete(world, operation, makeRows) : prepareOperation(world, operation, n))
      if ('why' in outcome) left.push({ what, why: outcome.why })
      else prepared.push(outcome)
    }
  }
  await prepareGroup(actionOperations(model), MOST_ACTIONS, `at most ${MOST_ACTIONS} actions are measured, the first of the design`)
  await prepareGroup(
    loadOperations(model),
    MOST_OPERATIONS,
    `at most ${MOST_OPERATIONS} operations are measured, those of the largest tables`,
  )
  const most = prepared.length + MOST_GRAPHQL
  await prepareGroup(
    graphqlOperations(model),
    most,
    `at most ${MOST_GRAPHQL} operations of GraphQL are measured, those of the largest tables`,
  )
  return { callers: callers.length, prepared, left }
}

async function toDelete(
  world: LoadWorld,
  operation: LoadOperation,
  makeRows: Preparing['makeRows'],
): Promise<PreparedOperation | Unprepared> {
  if (makeRows === undefined) return { why: 'no rows are made that could be deleted' }
  try {
    return await prepareDeletes(world, operation, await makeRows(operation.entity))
  } catch (error) {
    return { why: `no rows could be made that could be deleted: ${error instanceof Error ? error.message : String(error)}` }
  }
}
