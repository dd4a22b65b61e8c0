/** The SQL texts of a statement. Each text is made once, on first use. */

import { memo } from '../../base/memo.ts'
import { type Rendered, type RenderedEach, render, renderCalls, renderEach } from '../../base/sql/render.ts'
import type { Statement } from '../../base/sql/statement.ts'

/** The text for one call. @throws TypeError when one key has two types. */
export const singleText = memo((statement: Statement<unknown>): Rendered => render(statement.sql))

/** The short text for one call; null when the statement has none. @throws TypeError when one key has two types. */
export const shortText = memo(({ short }: Statement<unknown>): Rendered | null => (short === undefined ? null : render(short)))

/** The text for many calls; each row begins with the `ord` of its call. @throws TypeError when one key has two types. */
export const mergedText = memo(
  (statement: Statement<unknown>): Rendered => (statement.merge === 'lateral' ? renderEach(statement.sql, []) : renderCalls(statement.sql)),
)

/**
 * The text for many calls of a read. It returns JSON that several answers contain once.
 *
 * @throws TypeError when one key has two types.
 */
export const sharingText = memo((statement: Statement<unknown>): RenderedEach => renderEach(statement.sql, statement.json ?? []))
