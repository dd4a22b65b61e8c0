/** Statements over a connection of a command. */

import { render } from '../../base/sql/render.ts'
import type { Run, Statement, Values } from '../../base/sql/statement.ts'
import type { Connection } from '../../postgres/connect.ts'

/** Runs statements without `read` over a connection; each row is a list of texts. */
export function runOn(client: Connection): Run {
  const run = async (statement: Pick<Statement, 'sql'>, values: Values): Promise<unknown> => {
    const { text, slots } = render(statement.sql)
    const asTexts = { getTypeParser: () => (value: unknown) => value } as never
    const { rows } = await client.query({ text, values: slots.map(({ key }) => values[key] ?? null), rowMode: 'array', types: asTexts })
    return rows
  }
  return run as Run
}
