/** What PostgreSQL 15, the oldest that Plinth takes, does not read. The tests run on a newer one. */

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/command-line.ts'

test('no SQL has a number with underscores, which PostgreSQL 16 brought', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'))
  let texts = 0
  for (const file of files) {
    for (const [, text = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(/\bsql`((?:[^`\\]|\\.)*)`/g)) {
      texts += 1
      // What stands in a slot is TypeScript.
      assert.doesNotMatch(text.replaceAll(/\$\{[^}]*\}/g, '?'), /(?<![\w.'])\d+_\d/, file)
    }
  }
  assert.ok(texts > 1_000, String(texts))
})
