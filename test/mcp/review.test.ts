import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, MISSPELT, projectFolder } from './mcp-client.ts'

test('a client reviews a text, applies the edit of a finding, and plans without sending the design again', async (t) => {
  const { client, call } = await connect(t, projectFolder(t))
  const { tools } = await client.listTools()
  const size = JSON.stringify({ tools }).length / 4
  assert.ok(size <= 1_200, `tools/list has ${size} tokens`)
  const first = await call('review', { design: MISSPELT })
  assert.equal(first.ok, false)
  assert.match(String(first.summary), /^1 error/)
  const [finding] = first.findings as { id: string; code: string; where: string; edit: object }[]
  assert.match(finding?.where ?? '', /^design\.yaml:16:\d+ entities\.Note\.access\.read$/)
  assert.deepEqual({ ...finding?.edit, where: '' }, { where: '', yourText: 'titel', replaceWith: 'title' })
  const second = await call('review', { design: first.design, edits: [finding?.id] })
  assert.deepEqual([second.ok, second.summary], [true, 'no findings'])
  const plan = await call('plan', { design: second.design })
  assert.match(String(plan.plan), /^p:[0-9a-f]{12}$/)
  assert.ok((plan.says as string[]).includes('A Note may be read by its author if title is not "".'))
  assert.deepEqual((plan.migration as { from: string }).from, 'empty')
  const why = await call('explain', { about: 'Note.read', design: second.design })
  assert.deepEqual(why.says, ['A Note may be read by its author if title is not "".'])
  assert.match(String((await call('explain', { about: finding?.code })).fix), /\w/)
  const guide = await client.readResource({ uri: 'plinth://guide' })
  assert.match(JSON.stringify(guide), /Ten mistakes/)
})
