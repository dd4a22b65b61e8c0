/** Connects this process to the broker of its design, and receives the messages that the design subscribes to. */

import { randomUUID } from 'node:crypto'
import type { Broker } from '../../model/broker/broker.ts'
import type { Model } from '../../model/model.ts'
import { publishedSubjects } from '../../model/reaction.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import { type BrokerConnection, BrokerUnavailable } from '../../services/broker/broker.ts'
import type { BrokerObservation } from '../../services/broker/observation.ts'
import { openBroker } from '../../services/broker/open-broker.ts'
import { startReceiver } from '../../services/broker/receiver.ts'
import { resumeEvents } from '../../services/events/waiting.ts'
import { explained } from '../run/database-failure.ts'
import { WAITS_FOR_BROKER } from './perform-publish.ts'

/** Milliseconds after which another process receives in place of this one, unless a test says otherwise. */
const LEASE_MS = 10_000

/** What connecting needs. */
export interface BrokerStart {
  readonly model: Model
  readonly broker: Broker
  /** The values of the environment variables that the design names. */
  readonly variables: ReadonlyMap<string, string>
  readonly mode: 'development' | 'production'
  /** The executor for requests. */
  readonly executor: Executor
  /** Opens an executor for receiving alone. */
  readonly openOwn: () => Executor
  /** Wakes the reactions, and the worker of jobs. */
  readonly wakeReactions: () => void
  readonly wakeJobs: () => void
  readonly leaseMs: number | undefined
  readonly observe: (observation: BrokerObservation) => void
}

/** A process that is connected. */
export interface StartedBroker {
  readonly connection: BrokerConnection
  /** Receives no more messages. */
  readonly stopReceiving: () => Promise<void>
}

/** Connects and receives; null while a variable is not set, in development. @throws EnvironmentError without the package of Kafka. */
export async function startBroker(start: BrokerStart): Promise<StartedBroker | null> {
  const { model, broker, variables, mode, executor, wakeReactions, observe } = start
  const reactions = model.events.flatMap((event) => event.reactions.flatMap(({ kind, name }) => (kind === 'publish' ? [name] : [])))
  /** Events that wait for the broker are delivered as soon as it is there again. */
  const resume = async (): Promise<void> => {
    if (reactions.length === 0) return
    await resumeEvents(explained(executor.run), { reactions: [...new Set(reactions)], error: WAITS_FOR_BROKER })
    wakeReactions()
  }
  const opened = await openBroker({
    ...{ broker, variables, mode, observe },
    client: model.name,
    subjects: publishedSubjects(model),
    // If this fails, they are tried again later.
    onConnected: () => void resume().catch(() => {}),
  })
  if (opened === null) return null
  const connection = toldOnce(opened, observe)
  return { connection, stopReceiving: startReceiving(connection, start) }
}

function startReceiving(connection: BrokerConnection, { model, broker, openOwn, wakeJobs, leaseMs = LEASE_MS, observe }: BrokerStart) {
  if (broker.subscriptions.length === 0) return async () => {}
  const own = openOwn()
  const holder = randomUUID()
  const deps = { connection, run: explained(own.run), holder, design: model.name, leaseMs, onAdded: wakeJobs, observe }
  const receivers = broker.subscriptions.map((subscription) => startReceiver(subscription, deps))
  return async () => {
    await Promise.all(receivers.map((receiver) => receiver.stop()))
    await own.close()
  }
}

/** The same connection, which reports once that the broker stores no messages, until it stores one again. */
function toldOnce(connection: BrokerConnection, observe: BrokerStart['observe']): BrokerConnection {
  let told = ''
  return {
    ...connection,
    async publish(message) {
      try {
        await connection.publish(message)
        told = ''
      } catch (error) {
        if (error instanceof BrokerUnavailable && error.message !== told) {
          told = error.message
          observe({ kind: 'publishing-failed', error: told })
        }
        throw error
      }
    },
  }
}
