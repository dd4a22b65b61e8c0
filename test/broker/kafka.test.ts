/** The adapter of Kafka does what that of NATS does. Runs with a broker of yours: `PLINTH_TEST_KAFKA=host:9092`. */

import { randomUUID } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import { openKafka } from '../../src/services/broker/kafka.ts'
import { testAdapter } from './adapter-contract.ts'

const { PLINTH_TEST_KAFKA: server = '' } = process.env

testAdapter(
  async (t) => {
    const settings = { servers: [server], auth: { kind: 'none' }, tls: 'preferred', ca: null, client: 'test' } as const
    const connection = await openKafka(settings, { observe: () => {}, onConnected: () => {} })
    t.after(() => connection.close())
    return {
      connection,
      async subject() {
        const topic = `plinth-${randomUUID()}`
        const admin = new Admin({ clientId: 'test', bootstrapBrokers: [server] })
        await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 })
        await admin.close()
        return topic
      },
    }
  },
  server === '' && 'PLINTH_TEST_KAFKA names no broker of Kafka',
)
