/** The documentation site, without building it: its navigation has all documents, and llms.txt names them. */

import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { indexText } from '../../site/llms.ts'
import { pageOf, sections } from '../../site/pages.ts'
import { ROOT } from '../support/command-line.ts'

test('every document is in the navigation of the site once, and in llms.txt with a sentence', () => {
  const all = sections()
  const paths = all.flatMap(({ pages }) => pages.map(({ path }) => path))
  assert.deepEqual(paths.toSorted(), globSync('**/*.md', { cwd: join(ROOT, 'docs'), exclude: ['index.md'] }).toSorted())
  const text = indexText(pageOf('index.md'), all)
  assert.match(text, /^# Plinth\n\n> Plinth turns the design of a backend into a running backend on PostgreSQL\.\n\n## Guides\n/)
  for (const path of paths) assert.match(text, new RegExp(`^- \\[.+\\]\\(${path}\\): \\S.+$`, 'm'))
})
