/** The example of docs/reference/verify.md, run as a process. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'

const PAGE = readFileSync(join(ROOT, 'docs/reference/verify.md'), 'utf8')

/** The block of the page after its heading `Example` that begins with a fence of this kind. */
function block(kind: string): string {
  const example = PAGE.slice(PAGE.indexOf('## Example'))
  return new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(example)?.[1] ?? assert.fail(`no ${kind} in the example`)
}

test('the example of the page prints what the page says', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  const args = block('sh').trim().split(' ').slice(1)
  const { code, stdout, stderr } = await run(t, [...PLINTH, ...args], { cwd: folder })
  assert.equal(code, 0, stderr)
  for (const line of block('text').trimEnd().split('\n')) {
    const pattern = line
      .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('<cases>', '\\d+')
      .replaceAll('…', '.*')
    assert.match(stdout, new RegExp(`^${pattern}$`, 'm'))
  }
})
