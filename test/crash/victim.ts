/** A process of a crash test, as its parent sees it. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FromInstance, Opening, ToInstance } from './messages.ts'

/** A process that has loaded Plinth. */
export interface Victim {
  readonly child: ChildProcess
  /** Opens the backend. */
  open(how: Opening): Promise<void>
  /** Names the point at which it is killed; null for none. */
  arm(point: string | null): Promise<void>
  /** Begins to record points; `recorded` gives them. */
  record(): void
  recorded(): Promise<readonly string[]>
  /** Whether it was killed. */
  isDead(): boolean
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
}

const HOOK = pathToFileURL(join(import.meta.dirname, 'points-hook.ts')).href

/** Starts a process, with points or without. */
export async function startVictim(points: 'points' | 'no points' = 'points'): Promise<Victim> {
  const hook = points === 'points' ? ['--import', HOOK] : []
  const child = fork(join(import.meta.dirname, 'instance.ts'), [], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning', ...hook],
  })
  const ended = once(child, 'exit').then(() => {})
  const heard = async <K extends FromInstance['kind']>(kind: K): Promise<Extract<FromInstance, { kind: K }>> => {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<FromInstance, { kind: K }>>()
    const listen = (message: FromInstance): void => {
      if (message.kind === kind) resolve(message as Extract<FromInstance, { kind: K }>)
    }
    child.on('message', listen)
    ended.then(() => reject(new Error(`the process ended before it said ${kind}`)))
    return promise.finally(() => child.off('message', listen))
  }
  const say = (message: ToInstance): void => void child.send(message, () => {})
  await heard('loaded')
  return {
    child,
    async open(how) {
      const opened = heard('open')
      say({ kind: 'open', ...how })
      await opened
    },
    async arm(point) {
      const armed = heard('armed')
      say({ kind: 'arm', point })
      await armed
    },
    record: () => say({ kind: 'record' }),
    async recorded() {
      const recorded = heard('recorded')
      say({ kind: 'recorded' })
      return (await recorded).points
    },
    isDead: () => child.exitCode !== null || child.signalCode !== null,
    ended,
  }
}
