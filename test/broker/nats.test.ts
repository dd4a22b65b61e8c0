import { openNats } from '../../src/services/broker/nats.ts'
import { testAdapter } from './adapter-contract.ts'
import { skip, startNats } from './nats-server.ts'

testAdapter(async (t) => {
  const nats = await startNats(t)
  const connected = Promise.withResolvers<void>()
  const settings = { servers: [nats.url], auth: { kind: 'none' }, tls: 'preferred', ca: null, client: 'test' } as const
  const connection = openNats(settings, null, { observe: () => {}, onConnected: () => connected.resolve() })
  t.after(() => connection.close())
  await connected.promise
  return {
    connection,
    async subject() {
      await nats.stream('S', ['s'])
      return 's'
    },
  }
}, skip)
