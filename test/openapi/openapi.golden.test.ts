/** The OpenAPI documents of the blog, as golden files. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import { modelFrom } from '../support/backend.ts'

const FOLDER = join(import.meta.dirname, '../golden/openapi')
const REWRITE = 'if the new text is right: npm run golden'

for (const [name, reach] of [
  ['blog', 'all'],
  ['blog-for-nobody', ANONYMOUS],
] as const) {
  test(`the OpenAPI document ${name}.json equals its golden file (${REWRITE})`, () => {
    const document = `${JSON.stringify(openapi(modelFrom(blog), { reach, version: '1.0.0', limits: LIMITS }), null, 2)}\n`
    const file = join(FOLDER, `${name}.json`)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, document)
    assert.equal(document, readFileSync(file, 'utf8'), REWRITE)
  })
}
