/** The texts of a statement: made once, on first use. */

import { type Rendered, type RenderedEach, render, renderCalls, renderEach } from '../../base/sql/render.ts'
import type { Statement } from '../../base/sql/statement.ts'

/** For one call. */
export const singleForm = kept((statement): Rendered => render(statement.sql))

/** For many calls; each row begins with the `ord` of its call. */
export const mergedForm = kept(
  (statement): Rendered => (statement.merge === 'lateral' ? renderEach(statement.sql, []) : renderCalls(statement.sql)),
)

/** For many calls of a statement that only reads; what they show alike is made once. */
export const formInCompany = kept((statement): RenderedEach => renderEach(statement.sql, statement.json ?? []))

function kept<Form>(make: (statement: Statement) => Form): (statement: Statement) => Form {
  const forms = new WeakMap<Statement, Form>()
  return (statement) => {
    let form = forms.get(statement)
    if (form === undefined) {
      form = make(statement)
      forms.set(statement, form)
    }
    return form
  }
}
