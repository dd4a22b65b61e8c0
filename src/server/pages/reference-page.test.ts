import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { openDocsPage } from './reference-page.ts'

test('the API reference is one page and one script, both from this server', async () => {
  const docs = openDocsPage('a <b>bold</b> name')
  const page = await docs.page()
  assert.equal(page.status, 200)
  const html = page.body ?? ''
  assert.match(html, /<title>a &lt;b&gt;bold&lt;\/b&gt; name<\/title>/)
  assert.deepEqual(
    [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((m) => m[1]),
    ['/docs/scalar.js'],
  )
  assert.doesNotMatch(html, /https?:\/\//)
  assert.match(html, /"url": "\/openapi.json"/)
  const script = await docs.script()
  assert.match(script.headers['content-type'] ?? '', /^text\/javascript/)
  assert.ok((script.body ?? '').length > 1_000_000)
  assert.match(script.body ?? '', /createApiReference/)
})

test('the policy of the API reference allows only its own scripts and connections to its own origin', async () => {
  const { headers, body } = await openDocsPage('blog').page()
  const policy = new Map(
    (headers['content-security-policy'] ?? '').split('; ').map((d) => [d.split(' ', 1)[0], d.split(' ').slice(1)] as const),
  )
  const inline = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(body ?? '')?.[1] ?? ''
  assert.notEqual(inline, '')
  assert.deepEqual(policy.get('script-src'), ["'self'", `'sha256-${hash('sha256', inline, 'base64')}'`])
  assert.deepEqual(policy.get('connect-src'), ["'self'"])
  assert.deepEqual(policy.get('default-src'), ["'none'"])
  for (const sources of policy.values()) assert.doesNotMatch(sources.join(' '), /https?:|\*/)
})

test('a name with markup in it cannot break out of the script', async () => {
  const { body } = await openDocsPage('</script><script>alert(1)</script>').page()
  assert.equal((body ?? '').split('<script').length, 3)
})
