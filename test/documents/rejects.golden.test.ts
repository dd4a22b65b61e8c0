/** Bad designs, each with the exact text of its findings: `<name>.yaml`, `.json`, `.ts` or `.js` beside `<name>.<kind>.expected.txt`. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { processorTime } from '../support/processor-time.ts'

const FOLDER = join(import.meta.dirname, '../rejects')
const UPDATE = process.env.UPDATE_GOLDEN === '1'
const COMMAND = 'UPDATE_GOLDEN=1 node --conditions=source --test test/documents/rejects.golden.test.ts'

/** A hint, a name that is probably meant, or what is expected. */
const SAYS_WHAT_TO_DO = /; |, did you mean |expected /

const designs = readdirSync(FOLDER).filter((name) => ['.yaml', '.json', '.ts', '.js'].includes(extname(name)))

/** All findings of a design, one per line, with names of files relative to the folder. */
async function said(name: string): Promise<string> {
  const read = await readDesign(relative(process.cwd(), join(FOLDER, name)))
  const diagnostics = read.ok ? resolveDesign(read.design, read.source).diagnostics : read.diagnostics
  const text = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`).join('')
  return text.replaceAll(`${relative(process.cwd(), FOLDER)}${sep}`, '')
}

for (const name of designs) {
  test(`${name} is answered with its findings`, async () => {
    const expected = join(FOLDER, `${name}.expected.txt`)
    const took = processorTime()
    const text = await said(name)
    assert.ok(took() < 1_000, 'it takes more than a second of processor time')
    if (UPDATE) writeFileSync(expected, text)
    const wanted = existsSync(expected) ? readFileSync(expected, 'utf8') : ''
    assert.notEqual(text, '', 'nothing was found')
    for (const line of text.trimEnd().split('\n')) assert.match(line, SAYS_WHAT_TO_DO)
    assert.equal(text, wanted, `the findings differ; look at them, and if they are right: ${COMMAND}`)
  })
}

test('there are at least sixty bad designs, and no expectation without one', () => {
  assert.ok(designs.length >= 60, String(designs.length))
  const orphans = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.expected.txt') && !designs.includes(name.replace('.expected.txt', '')),
  )
  assert.deepEqual(orphans, [])
})
