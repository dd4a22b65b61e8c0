/** Pages, a form and a table at the addresses of a contract. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'

test('the operations of a contract answer pages and a table, and take a form', async (t) => {
  const { ask } = await testBackend(t, (await readModel(join(import.meta.dirname, 'designs/desk'))).model)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const opened = await ask('POST', '/tickets', { body: 'subject=%3D1%3Cb%3E&hours=2&labels=a&labels=b', headers })
  assert.deepEqual([opened.status, opened.text], [201, '<!doctype html><title>=1&lt;b&gt;</title><b>a</b><b>b</b>\n'])
  assert.equal(opened.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal((await ask('POST', '/tickets', { body: 'hours=two', headers })).status, 400)
  assert.match((await ask('GET', '/tickets')).text, /<li>=1&lt;b&gt; \(2 h\)<\/li>/)
  const table = await ask('GET', '/tickets.csv')
  assert.deepEqual([table.status, table.text], [200, 'subject,hours,labels\r\n\'=1<b>,2,"[""a"",""b""]"\r\n'])
})
