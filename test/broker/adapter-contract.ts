/** What every adapter of a broker does, as tests. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { BrokerConnection, IncomingMessage } from '../../src/services/broker/broker.ts'
import { until } from '../events/events-world.ts'

/** An adapter under test. */
export interface TestedAdapter {
  readonly connection: BrokerConnection
  /** Makes a subject, to which messages can be published. */
  readonly subject: () => Promise<string>
}

interface Heard {
  readonly texts: readonly string[]
  readonly end: () => Promise<void>
}

/** Receives until `end`. The first `failures` batches are not stored. */
function hear(
  { connection }: TestedAdapter,
  { name, subject, failures = 0 }: { readonly name: string; readonly subject: string; readonly failures?: number },
): Heard {
  const texts: string[] = []
  const ending = new AbortController()
  let left = failures
  const take = async (messages: readonly IncomingMessage[]): Promise<void> => {
    if (left-- > 0) throw new Error('not stored')
    texts.push(...messages.map(({ body }) => Buffer.from(body).toString()))
  }
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await connection.receive({ name, subject, start: 'all', take, signal: ending.signal }).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const ended = work()
  return {
    texts,
    async end() {
      ending.abort()
      await ended
    },
  }
}

/** The tests. */
export function testAdapter(open: (t: TestContext) => Promise<TestedAdapter>, skip: string | false): void {
  test('messages are received in their order, once, and by each name', { skip }, async (t) => {
    const adapter = await open(t)
    const subject = await adapter.subject()
    const sent = Array.from({ length: 200 }, (_, n) => `{"n":${n}}`)
    for (const [n, body] of sent.entries()) await adapter.connection.publish({ subject, id: String(n), key: 'k', body })
    const heard = [hear(adapter, { name: `a-${randomUUID()}`, subject }), hear(adapter, { name: `b-${randomUUID()}`, subject })]
    for (const { texts } of heard) await until('all messages', () => (texts.length >= sent.length ? true : null))
    for (const { texts, end } of heard) {
      await end()
      assert.deepEqual(texts, sent)
    }
  })

  test('what was not stored comes again, in its order, and what was stored does not', { skip }, async (t) => {
    const adapter = await open(t)
    const subject = await adapter.subject()
    const name = `c-${randomUUID()}`
    const publish = (n: number) => adapter.connection.publish({ subject, id: String(n), key: 'k', body: String(n) })
    for (let n = 0; n < 5; n++) await publish(n)
    const first = hear(adapter, { name, subject, failures: 1 })
    await until('the messages', () => (first.texts.length >= 5 ? true : null))
    await first.end()
    for (let n = 5; n < 10; n++) await publish(n)
    const second = hear(adapter, { name, subject })
    await until('the other messages', () => (second.texts.length >= 5 ? true : null))
    await second.end()
    assert.deepEqual([...first.texts, ...second.texts], ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })
}
