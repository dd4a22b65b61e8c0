import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { runMessage } from './run-message.ts'

interface Serializer {
  bind(message: object): Buffer
  execute(): Buffer
  sync(): Buffer
}

const driver = createRequire(createRequire(import.meta.url).resolve('pg'))
const { serialize } = driver('pg-protocol') as { readonly serialize: Serializer }

/** The driver names the format of each parameter; here a message without formats has the same meaning. */
function withoutFormats(bind: Buffer, name: string, parameters: number): Buffer {
  const at = 1 + 4 + 1 + name.length + 1
  const short = Buffer.concat([bind.subarray(0, at), Buffer.from([0, 0]), bind.subarray(at + 2 + 2 * parameters)])
  short.writeInt32BE(short.length - 1, 1)
  return short
}

test('the bytes are those of the driver, for texts of every length and every kind of character', () => {
  const texts = ['', 'a', 'ü', '€', '😀', '\ud800', 'x'.repeat(300), 'ü'.repeat(5_000), '😀'.repeat(40_000), null]
  for (const name of ['', 'p_abc'])
    for (const values of [[], ...texts.map((text) => [text]), texts, [...texts].reverse(), new Array(200).fill('7')])
      for (const binary of [false, true]) {
        const bind = withoutFormats(serialize.bind({ statement: name, values, binary }), name, values.length)
        const expected = Buffer.concat([bind, serialize.execute(), serialize.sync()])
        assert.ok(runMessage({ name, values, binary }).equals(expected), `${name} ${values.length}`)
      }
})
