/** The types of `ctx.jobs.add` follow the design: wrong names and inputs do not compile. */

import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { errorsIn, readWithCode } from '../code/code-world.ts'
import { temporaryFolder } from '../support/command-line.ts'

test('code adds jobs by the names and inputs of the design, in files of a YAML design and in a TypeScript design', async (t) => {
  const folder = temporaryFolder(t)
  cpSync(join(import.meta.dirname, 'typed'), folder, { recursive: true })
  assert.equal(codeTypes(await readWithCode(join(folder, 'desk.yaml'))), readFileSync(join(folder, 'desk.d.ts'), 'utf8'))
  const parts = ['design/authoring/code-of-types.ts', 'design/authoring/define.ts']
  assert.deepEqual(errorsIn(folder, ['logic.ts', 'sweep.ts', 'design.ts'], parts), [])
})
