/** Slow receivers beside quick ones: real servers, whose requests stay open until the test answers them. */

import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../events/events-world.ts'
import { subscribedShop } from './subscribed-shop.ts'

/** A server at all loopback addresses that answers when the test says so, which is below the time limit of an attempt. */
async function slowServer(t: TestContext) {
  let open: { readonly path: string; readonly response: ServerResponse }[] = []
  let brokenOff = 0
  const server = createServer((request, response) => {
    const one = { path: request.url ?? '', response }
    open.push(one)
    response.on('close', () => {
      if (!response.writableEnded) brokenOff++
      open = open.filter((each) => each !== one)
    })
    request.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    /** The paths of the requests that wait for an answer. */
    open: () => open.map(({ path }) => path),
    brokenOff: () => brokenOff,
    answer: () => {
      for (const { response } of open) response.writeHead(204).end()
    },
  }
}

test('slow receivers leave places for quick ones: those of one owner, of one host, and all together', async (t) => {
  const shop = await subscribedShop(t, { networks: '127.0.0.0/8', timeout: '15s' })
  const slow = await slowServer(t)
  const { receiver, account, order, ask } = shop
  const staff = async (name: string) => account(name, 'staff')
  const subscribe = async ({ token }: { token: string }, url: string) =>
    assert.equal((await ask('POST', '/api/hooks', { token, body: { url, events: ['Order.created'] } })).status, 201)
  const buyer = await staff('buyer')
  await subscribe(await staff('quick'), receiver.url)
  await order(buyer)
  await receiver.received(1)

  const many = await staff('many')
  for (let n = 0; n < 12; n++) await subscribe(many, `http://127.0.1.${n}:${slow.port}/many`)
  for (let n = 0; n < 18; n++) await subscribe(await staff(`host${n}`), `http://127.0.2.1:${slow.port}/host`)
  for (let n = 0; n < 16; n++) await subscribe(await staff(`own${n}`), `http://127.0.3.${n}:${slow.port}/own`)
  const ofKind = (kind: string) => slow.open().filter((path) => path === kind).length
  const openNow = async (count: number) => until(`${count} open requests`, () => (slow.open().length >= count ? true : null))

  for (let n = 0; n < 10; n++) await order(buyer)
  await openNow(32)
  await receiver.received(11)
  await until('the places of new receivers', () => (slow.open().length === 32 ? true : null))
  assert.ok(ofKind('/many') <= 8 && ofKind('/host') <= 16, JSON.stringify([ofKind('/many'), ofKind('/host'), ofKind('/own')]))
  assert.equal(slow.brokenOff(), 0, 'no attempt had to end before the quick receiver got all of its messages')

  // Those that have answered are known as slow ones, and get a quarter of the places; new ones get what is left of a half.
  let arrived = receiver.arrived.length
  for (let round = 0; ; round++) {
    await sleep(1_100)
    if (slow.open().length <= 16) {
      await order(buyer)
      await receiver.received(++arrived)
      // On a slow machine some receivers had no turn yet, and are still new.
      if (slow.open().length <= 16) break
    }
    assert.ok(round < 20, 'receivers stay new')
    slow.answer()
    await until('the next requests', () => (slow.open().length >= 16 ? true : null))
    await order(buyer)
    await receiver.received(++arrived)
    assert.ok(slow.open().length <= 32, `${slow.open().length}`)
    assert.ok(ofKind('/many') <= 8 && ofKind('/host') <= 16)
  }
  assert.deepEqual([slow.open().length, slow.brokenOff()], [16, 0])
})
