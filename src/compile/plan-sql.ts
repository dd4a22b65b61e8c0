/** Translates a plan into its statement. */

import type { Statement } from '../base/sql/statement.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Model } from '../model/model.ts'
import type { Plan } from './statements/plan.ts'
import { getStatement, listStatement } from './statements/statement-read.ts'
import { createStatement } from './statements/write/statement-create.ts'
import { deleteStatement } from './statements/write/statement-delete.ts'
import { updateStatement } from './statements/write/statement-update.ts'

/** Renders a plan. Pure: equal plans give equal text, so they share one prepared statement of PostgreSQL. */
export function planSql(model: Model, plan: Plan): Statement {
  switch (plan.kind) {
    case 'get':
      return getStatement(model, plan)
    case 'list':
      return listStatement(model, plan)
    case 'create':
      return createStatement(model, plan)
    case 'update':
      return updateStatement(model, plan)
    case 'delete':
      return deleteStatement(model, plan)
    default:
      return unreachable(plan)
  }
}
