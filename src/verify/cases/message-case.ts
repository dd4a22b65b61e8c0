/** Questions about what a backend sends after its answers. They are asked while it also runs reactions and jobs. */

import type { Answered } from '../expected/answered.ts'
import type { AllRows } from '../expected/reference.ts'
import type { NamedCase } from './case.ts'
import type { ProbeOutcome, ProbeRequest } from './probe.ts'

/** A question about messages. */
export interface MessageCase extends NamedCase {
  readonly ask: (tools: MessageTools) => Promise<ProbeOutcome>
  /** How the backend serves when it is asked; cases of one kind are asked together. */
  readonly served: ServedWork
}

/** How a backend serves: `crash` begins without workers, `localhost` with receivers at a name of this machine. */
export type ServedWork = 'usual' | 'crash' | 'localhost'

/** A mail, as the receiver has taken it. */
export interface ReceivedMail {
  readonly from: string
  /** The addresses of the envelope. */
  readonly to: readonly string[]
  readonly raw: string
}

/** A request that a receiver has got. */
export interface ReceivedPost {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a receiver answers. */
export interface ReceiverAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** What the backend has still to do, as its own tables say. */
export interface WorkState {
  /** Events that were not delivered to every reaction, and messages that are not sent. */
  readonly waiting: number
}

/** An attempt of a message. */
export interface MessageAttempt {
  /** The id of the subscription, or the name of the receiver. */
  readonly to: string
  /** The status of the answer; null without one. */
  readonly status: number | null
  readonly error: string
}

/** Listeners on this machine to which nothing may connect. */
export interface Canaries {
  /** An address of this machine that only these listeners use. */
  readonly host: string
  /** The port that web servers have besides 443. */
  readonly webPort: number
  /** Any other port. */
  readonly port: number
  /** Whether they also listen at `127.0.0.1` and `::1` with `webPort`. Another program may have it. */
  readonly everywhere: boolean
  /** How many connections they have got so far. */
  readonly connections: () => number
}

/** What cases ask with. */
export interface MessageTools {
  readonly send: (request: ProbeRequest) => Promise<Answered>
  readonly tokenOf: (user: string | null) => string | null
  /** All rows as they are now. */
  readonly rows: () => Promise<AllRows>
  readonly removeRow: (entity: string, id: string) => Promise<void>
  /** Inserts copies of a row with other values, and gives their ids. */
  readonly copies: (entity: string, id: string, changes: readonly Readonly<Record<string, string>>[]) => Promise<readonly string[]>
  /** Logs an event about a row, as if an action had made it. */
  readonly logEvent: (entity: string, event: { readonly happening: string; readonly id: string }) => Promise<void>
  readonly mails: () => readonly ReceivedMail[]
  readonly posts: () => readonly ReceivedPost[]
  /** Says how requests to the receivers are answered from now on; null: 204. */
  readonly answerPosts: (by: ((post: ReceivedPost) => ReceiverAnswer) | null) => void
  /** The path at which a receiver of the design is, and the key of its signatures; null for one of which verify knows neither. */
  readonly receiver: (webhook: string) => { readonly path: string; readonly key: Buffer } | null
  readonly state: () => Promise<WorkState>
  /** The attempts of all messages so far. */
  readonly attempts: () => Promise<readonly MessageAttempt[]>
  readonly canaries: Canaries
  /** Whether sockets of the backend reach this machine and the database alone, so that it may be given addresses of others. */
  readonly isGuarded: () => boolean
  /** Ends the serving process as a crash does (SIGKILL), and starts another one with workers. */
  readonly crash: () => Promise<void>
}
