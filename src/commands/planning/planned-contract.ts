/** The contract in a plan: each operation, and the action that serves it. */

import { actionLabel, actionNamed } from '../../model/action-tree.ts'
import type { Model } from '../../model/model.ts'
import { columns } from '../terminal/layout.ts'

/** The contract of a design. */
export interface PlannedContract {
  readonly file: string
  readonly operations: readonly PlannedOperation[]
  /** The addresses of Plinth itself that are served and not in the contract: `/api`, `/graphql`. */
  readonly besides: readonly string[]
}

/** An operation of the contract. */
export interface PlannedOperation {
  readonly operation: string
  /** Such as `GET /api/articles/{slug}`. */
  readonly address: string
  /** `Article.getArticle`; null for an operation that answers 501. */
  readonly action: string | null
  /** The status of a success. */
  readonly status: number
}

/** The contract of a model; null for none. */
export function plannedContract({ contract, actions, served: { rest, graphql } }: Model): PlannedContract | null {
  if (contract === null) return null
  const operations = contract.operations.map(({ name, method, path, action }): PlannedOperation => {
    const served = action === null ? undefined : actionNamed(actions, action)
    const label = served === undefined ? null : actionLabel(served)
    return {
      operation: name,
      address: `${method} ${path}`,
      action: label,
      status: served === undefined ? 501 : (served.address.status ?? 200),
    }
  })
  return { file: contract.file, operations, besides: [...(rest === null ? [] : [rest]), ...(graphql ? ['/graphql'] : [])] }
}

/** The lines of a contract: how many operations are bound, and the table of all. */
export function contractLines(contract: PlannedContract | null, heading: (title: string) => string): readonly string[] {
  if (contract === null) return []
  const { file, operations, besides } = contract
  const bound = operations.filter(({ action }) => action !== null).length
  const rows = operations.map(({ operation, address, action, status }) => [operation, action ?? 'no action', address, String(status)])
  const also = besides.length === 0 ? [] : [`  served besides, and not in the contract: ${besides.join(', ')} (see serve)`]
  return [heading(`Contract ${file}: ${bound} of ${operations.length} operations bound`), ...columns(rows, '  '), ...also]
}
