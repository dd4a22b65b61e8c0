/** The texts of a statement: made once, on first use. */

import { memo } from '../../base/memo.ts'
import { type Rendered, type RenderedEach, render, renderCalls, renderEach } from '../../base/sql/render.ts'
import type { Statement } from '../../base/sql/statement.ts'

/** For one call. */
export const singleForm = memo((statement: Statement): Rendered => render(statement.sql))

/** For many calls; each row begins with the `ord` of its call. */
export const mergedForm = memo(
  (statement: Statement): Rendered => (statement.merge === 'lateral' ? renderEach(statement.sql, []) : renderCalls(statement.sql)),
)

/** For many calls of a statement that only reads; what they show alike is made once. */
export const formInCompany = memo((statement: Statement): RenderedEach => renderEach(statement.sql, statement.json ?? []))
