/** Decides a condition in SQL, for tests that compare it with the oracle. */

import assert from 'node:assert/strict'
import { render } from '../../src/base/sql/render.ts'
import { ident, sql } from '../../src/base/sql/sql.ts'
import { rowScope, truthOf, whenFalse, whenTrue } from '../../src/compile/rules/predicate-sql.ts'
import type { Shape } from '../../src/design/expression/shape.ts'
import type { Caller } from '../../src/model/caller.ts'
import type { Truth } from '../../src/model/expression.ts'
import { entityNamed, type Model } from '../../src/model/model.ts'
import type { Connection } from '../../src/postgres/connect.ts'
import { ruleOf } from './model-of.ts'

/** A condition about the only row of an entity. */
export interface Question {
  readonly model: Model
  readonly shape: Shape
  readonly entity: string
  readonly source: string
  readonly caller: Caller
}

/** The truth of the condition. The forms that ask whether it is true and whether it is false agree with it. */
export async function decideInSql(client: Connection, { model, shape, entity, source, caller }: Question): Promise<Truth> {
  const predicate = ruleOf(shape, entity, source)
  const scope = rowScope(model, ident('t'))
  const forms = sql`(${whenTrue(predicate, scope)}) is true as holds, (${whenFalse(predicate, scope)}) is true as fails, ${truthOf(predicate, scope)} as truth`
  const { text, slots } = render(sql`select ${forms} from ${ident(entityNamed(model, entity).table)} t`)
  const values = slots.map(({ key }) => caller.claims.get(key.slice(5)) ?? null)
  const { rows } = await client.query<{ holds: boolean; fails: boolean; truth: Truth }>({ text, values })
  const [row] = rows
  assert.ok(row !== undefined)
  assert.equal(row.holds, row.truth === true, `whenTrue: ${source}`)
  assert.equal(row.fails, row.truth === false, `whenFalse: ${source}`)
  return row.truth
}
