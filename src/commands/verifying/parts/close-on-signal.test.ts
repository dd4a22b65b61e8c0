import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { closedOnSignal } from './close-on-signal.ts'

const MODULE = JSON.stringify(import.meta.resolve('./close-on-signal.ts'))

/** Runs a program that opens two things, sends it signals when it has, and gives what it printed. @param then what it does afterwards. */
async function ended(then: string, signals: readonly NodeJS.Signals[]): Promise<readonly [output: string, signal: string | null]> {
  const program = `import { closedOnSignal } from ${MODULE}
    import { setTimeout as sleep } from 'node:timers/promises'
    const [first, second] = [closedOnSignal(), closedOnSignal()]
    first.push(() => console.log('role'))
    first.push(async () => { await sleep(100); console.log('database') })
    console.log('open')
    ${then}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (text.includes('open')) child.kill(signals[0])
    if (text.includes('stuck')) child.kill(signals[1])
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return [output, signal]
}

test('a signal ends what was opened, the latest first, and then the process; what fails meanwhile is not heard', async () => {
  const failing = "await sleep(50).then(() => { throw new Error('the database is gone') }).finally(second.close)"
  for (const signal of ['SIGINT', 'SIGTERM'] as const) assert.deepEqual(await ended(failing, [signal]), ['open\ndatabase\nrole\n', signal])
})

test('a second signal does not wait for what is stuck', async () => {
  const stuck = "second.push(async () => { await sleep(700); console.log('stuck'); await sleep(60_000) }); await sleep(60_000)"
  const [output, signal] = await ended(stuck, ['SIGINT', 'SIGTERM'])
  assert.match(output, /stuck\n$/)
  assert.equal(signal, 'SIGTERM')
})

test('without a signal all is ended once, and nothing listens any more', async () => {
  const before = process.listenerCount('SIGINT')
  const seen: string[] = []
  const opened = closedOnSignal()
  opened.push(() => seen.push('a'))
  opened.push(() => seen.push('b'))
  assert.equal(process.listenerCount('SIGINT'), before + 1)
  await opened.close()
  await opened.close()
  assert.deepEqual([seen, process.listenerCount('SIGINT')], [['b', 'a'], before])
})
