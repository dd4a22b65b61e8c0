import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { commandOfCase, shellWord } from './repeat-command.ts'

test('a shell reads each name as it was', () => {
  for (const name of [
    'access/Post.read/published/true/get',
    'access/Post.read/auth.role=="admin"/false/get',
    "access/A.read/size(x)>0 && y=='$HOME'/`z`!",
  ])
    assert.equal(execFileSync('sh', ['-c', `printf %s ${shellWord(name)}`], { encoding: 'utf8' }), name)
})

test('the command of a case names the case, whatever is in its name', () => {
  const claim = 'access/A.read'
  const command = `plinth verify --only ${shellWord(claim)} --seed 7`
  assert.equal(
    commandOfCase(command, claim, `access/A.read/x=="$'"/true/get`),
    `plinth verify --only 'access/A.read/x=="$'\\''"/true/get' --seed 7`,
  )
})
