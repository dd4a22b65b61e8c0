/**
 * Chooses the reads that run as columns: PostgreSQL returns columns, and the process writes the JSON. In the text form of `plan-sql.ts`,
 * which covers every read, PostgreSQL makes the JSON.
 */

import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { memoPair } from '../../../base/memo.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { Model } from '../../../model/model.ts'
import type { ListPlan, ReadPlan } from '../plan.ts'
import type { GotRow, ListedPage } from '../row-columns.ts'
import { getColumns } from './get-columns.ts'
import { listColumns } from './list-columns.ts'

/** The statement of a read, by the kind of its plan. */
export type Columns =
  | { readonly kind: 'get'; readonly statement: Statement<GotRow<Utf8> | null> }
  | { readonly kind: 'list'; readonly plan: ListPlan; readonly statement: Statement<ListedPage<Utf8>> }

/** The statement that reads a plan as columns; null for a plan that columns do not cover. */
export const columnsOf = memoPair((model: Model, plan: ReadPlan): Columns | null => {
  switch (plan.kind) {
    case 'list': {
      const statement = listColumns(model, plan)
      return statement === null ? null : { kind: 'list', plan, statement }
    }
    case 'get': {
      const statement = getColumns(model, plan)
      return statement === null ? null : { kind: 'get', statement }
    }
    default:
      return unreachable(plan)
  }
})
