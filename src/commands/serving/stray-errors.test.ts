import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const FILE = join(import.meta.dirname, 'stray-errors.ts')

function logOf(script: string): readonly string[] {
  const whole = `
    import { EventEmitter } from 'node:events'
    import { Readable } from 'node:stream'
    import { reportStrayErrors } from ${JSON.stringify(FILE)}
    const stop = reportStrayErrors({ observe: ({ message, fields }) => console.log(message, fields.times ?? fields.err.split('\\n')[0]) })
    ${script}
    // On a busy machine all timers are due at once; an immediate is later than the one of the script.
    setTimeout(() => setImmediate(() => { stop(); console.log('alive') }), 20)`
  const args = ['--conditions=source', '--input-type=module-typescript', '-e', whole]
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trimEnd().split('\n')
}

const THROWN = 'an error was thrown that nothing catches'
const REJECTED = 'a promise was rejected that nothing waits for'

test('a rejected promise that nothing waits for is logged, and the process continues', () => {
  const [error, nothing, end] = logOf(`
    void Promise.reject(new TypeError('stray'))
    void Promise.reject(undefined)`)
  assert.equal(error, `${REJECTED} TypeError: stray`)
  assert.ok(nothing?.startsWith(REJECTED))
  assert.equal(end, 'alive')
})

test('an error in a timer, a stream, a listener or a microtask is logged, and the process continues', () => {
  const lines = logOf(`
    setTimeout(() => { throw new TypeError('timer') })
    setImmediate(() => { throw null })
    queueMicrotask(() => { throw new RangeError('microtask') })
    new EventEmitter().once('error', () => {}) && process.nextTick(() => new EventEmitter().emit('error', new Error('listener')))
    new Readable({ read() { this.destroy(new Error('stream')) } }).resume()`)
  assert.equal(lines.at(-1), 'alive')
  const thrown = lines.slice(0, -1).map((line) => line.replace(`${THROWN} `, ''))
  for (const text of ['TypeError: timer', 'RangeError: microtask', 'Error: listener', 'Error: stream'])
    assert.ok(thrown.includes(text), text)
  assert.equal(thrown.length, 5)
})

test('errors of one place are logged once and counted', () => {
  const lines = logOf(`
    for (let i = 0; i < 7; i++) setTimeout(() => { throw new Error('number ' + i) })
    setTimeout(() => { throw new Error('other') })`)
  assert.deepEqual(lines, [`${THROWN} Error: number 0`, `${THROWN} Error: other`, `${THROWN}, again 6`, 'alive'])
})
