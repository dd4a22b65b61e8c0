import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningLine } from './running-line.ts'

function terminal(facts: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = []
  return { stream: { ...facts, write: (text: string) => written.push(text) }, written }
}

test('a running line replaces the one before, fits into the terminal, and is removed once', () => {
  const { stream, written } = terminal({ isTTY: true, columns: 12 })
  const line = runningLine(stream, {})
  line.clear()
  line.show('one')
  line.show('a line of many words')
  line.clear()
  line.clear()
  assert.deepEqual(written, ['\r\u001b[Kone', '\r\u001b[Ka line of m', '\r\u001b[K'])
})

test('in a pipe, and in continuous integration, there is none', () => {
  for (const [facts, env] of [
    [{}, {}],
    [{ isTTY: true }, { CI: 'true' }],
  ] as const) {
    const { stream, written } = terminal(facts)
    const line = runningLine(stream, env)
    line.show('one')
    line.clear()
    assert.deepEqual(written, [])
  }
})
