/** A former name leads to the table and column that the rules for names gave it then. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { formerColumns, formerTables } from '../src/compile/former-names.ts'
import { plural, snakeCase } from '../src/design/names.ts'

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/)

it('former names follow the rules by which names in the database are derived', () => {
  fc.assert(
    fc.property(name, (was) => {
      assert.equal(formerTables(was)[0], plural(snakeCase(was)))
      assert.equal(formerColumns(was, 'plain')[0], snakeCase(was))
      assert.equal(formerColumns(was, 'reference')[0], `${snakeCase(was)}_id`)
    }),
  )
})
