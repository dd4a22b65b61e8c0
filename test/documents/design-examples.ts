/** The examples of a page about designs. Each is a part of a design, and the design resolves without an error. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'

/** For each kind of example, such as `yaml design`: makes the whole design. */
export type WholeDesigns = Readonly<Record<string, (code: string) => string>>

/** An example and the folder into which its design may be written. */
export interface DesignExample {
  readonly code: string
  readonly folder: string
}

/** Tests that every example of a page is a design without errors, and that there is one of every kind. Returns the examples. */
export function testExamples(page: string, wholeDesigns: WholeDesigns): readonly DesignExample[] {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-docs-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const examples = [...page.matchAll(/^```(ts|yaml) (\w+)\n([\s\S]*?)^```$/gm)]

  examples.forEach(([, language = '', kind = '', code = ''], i) => {
    const line = page.slice(0, page.indexOf(code)).split('\n').length
    test(`the ${language} example on line ${line} is a design without errors`, async () => {
      const whole = wholeDesigns[`${language} ${kind}`]
      assert.ok(whole !== undefined, `${language} ${kind}`)
      const file = join(folder, `example-${i}.${language}`)
      writeFileSync(file, whole(code))
      const read = await readDesign(file)
      const diagnostics = read.ok ? resolveDesign(read.design, read.source).diagnostics : read.diagnostics
      assert.deepEqual(diagnostics.filter((d) => d.severity === 'error').map(formatDiagnostic), [])
    })
  })

  test('there are examples of every kind', () => {
    assert.deepEqual(new Set(examples.map(([, language, kind]) => `${language} ${kind}`)), new Set(Object.keys(wholeDesigns)))
  })
  return examples.map(([, , , code = '']) => ({ code, folder }))
}
