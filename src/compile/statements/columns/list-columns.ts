/** The statement that reads a list as columns, and the reader that writes its JSON. */

import type { Utf8 } from '../../../base/bytes/utf8.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import type { Model } from '../../../model/model.ts'
import { pinReferences } from '../pinned-references.ts'
import type { ListPlan } from '../plan.ts'
import type { ListedPage } from '../row-columns.ts'
import { outputColumns } from './output-columns.ts'
import { measuredFields, pageColumns } from './page-columns.ts'
import { pageReader } from './page-reader.ts'

/** The statement of a list; null when columns do not cover its plan. */
export function listColumns(model: Model, plan: ListPlan): Statement<ListedPage<Utf8>> | null {
  if (plan.count) return null
  const measured = measuredFields(plan.output, plan.size)
  if (measured === null) return null
  const output = outputColumns(model, pinReferences(plan.output, plan.filter), 't')
  if (output === null) return null
  const { query, keys } = pageColumns(model, { plan, slots: '', output, measured, limit: plan.size + 1, keyed: true })
  return {
    name: `list ${plan.entity.name}`,
    sql: query,
    merge: 'lateral',
    read: pageReader({ pieces: output.pieces, keys }, plan.size),
  }
}
