import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/command-line.ts'
import { MISSPELT, openHttp, projectFolder, serveHttp } from './mcp-client.ts'

test('over HTTP the same tools and resources are served to clients of both revisions, to callers with the token and from this machine alone', async (t) => {
  const folder = projectFolder(t)
  const { url, token } = await serveHttp(t, folder)
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
  const file = join(folder, '.plinth/mcp/token')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.ok(token.length >= 43)

  for (const mode of ['auto', 'legacy'] as const) {
    const client = await openHttp({ url, token }, mode)
    const answer = await client.call('review', { design: MISSPELT })
    assert.equal(answer.summary, '1 error', mode)
    const { resources } = await client.client.listResources()
    assert.ok(resources.some(({ uri }) => uri === 'plinth://examples/clinic'))
    const example = await client.client.readResource({ uri: 'plinth://examples/clinic' })
    const text = (example.contents[0] as { text: string }).text
    assert.equal(text, readFileSync(join(ROOT, 'templates/agent/examples/clinic.yaml'), 'utf8'))
    await assert.rejects(client.client.readResource({ uri: 'plinth://examples/../language' }))
    await client.close()
  }

  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const ask = async (headers: Readonly<Record<string, string>>, { path = '/mcp', method = 'POST' } = {}) => {
    const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
    const answer = await fetch(new URL(path, url), { method, headers: sent, ...(method === 'POST' ? { body: JSON.stringify(ping) } : {}) })
    return [answer.status, await answer.text()] as const
  }
  const authorization = `Bearer ${token}`
  assert.equal((await ask({ authorization }))[0], 200)
  for (const wrong of ['', 'Bearer', 'Bearer x', `Bearer ${token}x`, `Basic ${token}`]) {
    const [status, text] = await ask({ authorization: wrong })
    assert.equal(status, 401, wrong)
    assert.match(text, /\.plinth\/mcp\/token/)
    assert.equal(text.includes(token), false)
  }
  assert.equal((await ask({ authorization, origin: 'https://evil.example' }))[0], 403)
  assert.equal((await ask({ authorization }, { path: '/' }))[0], 404)
  assert.equal((await ask({ authorization }, { method: 'GET' }))[0], 405)
  const large = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ ...ping, params: { x: 'x'.repeat(2_000_000) } }),
  }).catch(() => null)
  assert.ok(large === null || large.status === 413, String(large?.status))
})
