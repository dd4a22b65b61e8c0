import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runGroup } from './run-group.ts'

const LIMITS = { cwd: process.cwd(), withinMs: 60_000, mostText: 100_000 }

/** A program that starts another one, which would run for minutes, prints its number, and goes on. @param then what it does afterwards. */
function startingAnother(then: string, options = '{ stdio: "inherit" }'): readonly string[] {
  const child = `spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300000)'], ${options})`
  return ['-e', `const { spawn } = require('node:child_process'); console.log(${child}.pid); ${then}`]
}

async function ends(pid: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(25)
  }
  assert.fail(`process ${pid} goes on`)
}

test('what a program has started ends with it, and is not waited for', async () => {
  const { code, cut, output } = await runGroup({ ...LIMITS, program: process.execPath, args: startingAnother('process.exit(3)') })
  assert.deepEqual([code, cut], [3, null])
  await ends(Number(output))
})

test('a process that has left the group keeps nobody waiting', async () => {
  const args = startingAnother('process.exit(0)', '{ stdio: "inherit", detached: true }')
  const { code, output } = await runGroup({ ...LIMITS, program: process.execPath, args })
  assert.equal(code, 0)
  process.kill(Number(output), 'SIGKILL')
})

test('a program is ended at the limits of time and of output, with all that it has started', async () => {
  const late = await runGroup({ ...LIMITS, withinMs: 300, program: process.execPath, args: startingAnother('') })
  assert.deepEqual([late.code, late.cut], [null, 'it took longer than 0.3 s'])
  if (late.output !== '') await ends(Number(late.output))
  const loud = ['-e', 'setInterval(() => console.log("x".repeat(60_000)), 1)']
  const { cut, output } = await runGroup({ ...LIMITS, program: process.execPath, args: loud })
  assert.equal(cut, 'it printed more than 100000 characters')
  assert.ok(output.length <= 100_000)
})

test('a signal that ends this process ends the group too', async () => {
  const args = JSON.stringify(startingAnother('setInterval(() => {}, 1000)'))
  const running = `import { runGroup } from ${JSON.stringify(import.meta.resolve('./run-group.ts'))}
    await runGroup({ program: process.execPath, args: ${args}, cwd: '.', withinMs: 60000, mostText: 1000, onLine: console.log })`
  const outer = spawn(process.execPath, ['--input-type=module', '-e', running], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [pid] = (await once(outer.stdout, 'data')) as [Buffer]
  outer.kill('SIGINT')
  const [, signal] = (await once(outer, 'exit')) as [number | null, string | null]
  assert.equal(signal, 'SIGINT')
  await ends(Number(pid))
})
