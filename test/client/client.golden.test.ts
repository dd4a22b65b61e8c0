/** The clients of the blog, as a folder, and of the shop, as one file, as golden files. Other tests call and compile them. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import shop from '../../examples/shop/design.ts'
import { clientFile, clientFolder } from '../../src/commands/delivering/client-files.ts'
import { modelFrom } from '../support/backend.ts'

const FOLDER = join(import.meta.dirname, '../golden/client')
const REWRITE = 'if the new text is right: npm run golden'

const files = [
  ...clientFolder(modelFrom(blog)).map(({ path, content }) => ({ path: `blog/${path}`, content })),
  { path: 'shop.ts', content: clientFile(modelFrom(shop)) },
]

for (const { path, content } of files) {
  test(`the client ${path} equals its golden file (${REWRITE})`, () => {
    const file = join(FOLDER, path)
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    assert.equal(content, readFileSync(file, 'utf8'), REWRITE)
  })
}
