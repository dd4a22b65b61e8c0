import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { newTraceId, traceIdOf } from './trace-id.ts'

test('new trace ids have 32 hexadecimal digits, and no two are equal', () => {
  const ids = Array.from({ length: 10_000 }, newTraceId)
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(new Set(ids).size, ids.length)
})

test('two processes make different trace ids', () => {
  const script = `import { newTraceId } from ${JSON.stringify(new URL('./trace-id.ts', import.meta.url).href)}; console.log(newTraceId())`
  const other = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).trim()
  assert.match(other, /^[0-9a-f]{32}$/)
  assert.notEqual(other.slice(0, 20), newTraceId().slice(0, 20))
})

test('the trace id of the caller is kept, and a malformed one is not', () => {
  const given = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(traceIdOf(`00-${given}-00f067aa0ba902b7-01`), given)
  for (const wrong of [
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `01-${given}-00f067aa0ba902b7-01`,
    `00-${given.toUpperCase()}-00f067aa0ba902b7-01`,
    given,
    '',
    undefined,
    [`00-${given}-00f067aa0ba902b7-01`],
  ]) {
    assert.match(traceIdOf(wrong), /^[0-9a-f]{32}$/)
    assert.notEqual(traceIdOf(wrong), given)
  }
})
