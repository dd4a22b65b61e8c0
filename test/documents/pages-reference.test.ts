/** docs/reference/pages.md: its design is served, and answers what the page shows. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/pages.md'), 'utf8')

function block(kind: string): string {
  return new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? ''
}

test('the design of the page answers the table and the page that are shown, and takes the form', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  writeFileSync(join(folder, 'offers.html'), block('html'))
  const { ask } = await testBackend(t, (await readModel(folder)).model)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const body of ['name=Pears%2C+green&price=2.50&link=', 'name=%3D1%2B1&price=-5.00&link=https%3A%2F%2Fexample.com'])
    assert.equal((await ask('POST', '/offers', { body, headers })).status, 204)
  assert.equal((await ask('GET', '/offers.csv')).text, block('csv').replaceAll('\n', '\r\n'))
  const { text } = await ask('GET', '/offers')
  assert.ok(text.includes('<p><a href="https://example.com">=1+1</a> <span class="price">-5.00</span>;</p>'), text)
  assert.ok(text.includes('<p><a href="">Pears, green</a> <span class="price">2.50</span></p>'), text)
})
