import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { agentFiles } from '../../src/commands/mcp/agent-files.ts'
import { TOOLS } from '../../src/commands/mcp/tools/tools.ts'
import { directProject } from './direct.ts'

test('the files of an agent are written once; what others wrote in them stays', async (t) => {
  const { root, io } = directProject(t, {
    'AGENTS.md': '# Ours\n',
    '.mcp.json': '{ "mcpServers": { "other": { "command": "x" } }, "ours": 1 }',
  })
  const install = async (existing: 'keep' | 'replace' = 'keep') => {
    const { data } = (await agentFiles({ action: 'install', folder: undefined, existing }, io)) as {
      data: { files: { path: string; state: string }[] }
    }
    return Object.fromEntries(data.files.map(({ path, state }) => [path, state]))
  }
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const agent = '.claude/agents/backend-developer.md'
  const first = await install()
  assert.deepEqual([first[agent], first['AGENTS.md'], first['.mcp.json']], ['written', 'changed', 'changed'])
  assert.match(read('AGENTS.md'), /^# Ours\n\n<!-- plinth: begin -->\n## Backend/)
  const { mcpServers, ours } = JSON.parse(read('.mcp.json'))
  assert.deepEqual([Object.keys(mcpServers), ours], [['other', 'plinth'], 1])
  assert.ok(Object.values(await install()).every((state) => state === 'unchanged'))
  writeFileSync(join(root, agent), 'mine')
  assert.equal((await install())[agent], 'kept')
  assert.equal(read(agent), 'mine')
  assert.equal((await install('replace'))[agent], 'changed')
  for (const { name } of TOOLS) assert.ok(read(agent).includes(`mcp__plinth__${name}`), name)
})

test('a wrong action, or a file that is no JSON, is named', async (t) => {
  const { io } = directProject(t, { '.mcp.json': 'x' })
  const call = (action: string) => agentFiles({ action, folder: undefined, existing: 'keep' }, io)
  await assert.rejects(call('remove'), { hint: 'plinth agent install' })
  await assert.rejects(call('install'), /\.mcp\.json is no JSON/)
})
