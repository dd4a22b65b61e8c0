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

test('a form that is refused shows itself again, with messages and what was sent', async (t) => {
  const [, design = ''] = [...page.matchAll(/^```yaml design\n(.*?)^```/gms)].map(([, text = '']) => text)
  const again = /^```html file=join.html\n(.*?)^```/ms.exec(page)?.[1] ?? ''
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), design)
  writeFileSync(join(folder, 'join.html'), again)
  writeFileSync(join(folder, 'error.html'), '<!doctype html><title>{{status}}</title>')
  const { ask } = await testBackend(t, (await readModel(folder)).model)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
  const refused = await ask('POST', '/members', { body: 'member[name]=&member[email]=a%22b', headers })
  assert.equal(refused.status, 400)
  assert.ok(refused.text.includes('<ul><li>name is missing </li><li>email is not valid </li></ul>'), refused.text)
  assert.ok(refused.text.includes('<input name="member[email]" value="a&quot;b">'), refused.text)
  const made = await ask('POST', '/members', { body: 'member[name]=Ann&member[email]=ann%40example.com', headers })
  assert.deepEqual([made.status, made.headers.location], [303, '/'])
})
