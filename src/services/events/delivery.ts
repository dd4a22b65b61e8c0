/** What a reaction gets. */

/** An event as it stands in the log. */
export interface LoggedEvent {
  /** The same at every delivery of the event. */
  readonly id: string
  readonly entity: string
  /** `created`, `updated` or `deleted`; otherwise the name of an action of the entity. */
  readonly happening: string
  readonly rowId: string
  readonly version: string
  /** When its transaction began, in ISO 8601. */
  readonly at: string
  /** The row after the event, before it for a deleted one: its columns as a JSON object, without passwords and tokens. */
  readonly row: string
  /** The row before an update; null for other events. */
  readonly before: string | null
  /** The input of the action that is the event, as a JSON object; null for other events. */
  readonly input: string | null
  /** How many reactions and jobs are between it and the request that began them. */
  readonly depth: number
}

/** One attempt of one reaction to one event. */
export interface Delivery {
  readonly event: LoggedEvent
  /** From 1. */
  readonly attempt: number
  /** Whether the event is delivered again because somebody asked for it. */
  readonly replay: boolean
  /** Whether an earlier event of the row was given up. */
  readonly afterGap: boolean
  /** Aborted when the process stops, or the attempt takes too long. */
  readonly signal: AbortSignal
}

/**
 * A reaction, as the engine calls it. `perform` may be called several times for one event, also at the same time by two processes.
 */
export interface EventReaction {
  /** Stands in the tables, so it must stay the same. Reactions with the same name get the events of a row in one order. */
  readonly name: string
  readonly onDead: 'continue' | 'hold'
  /** Whether it reacts to the event. Events are matched before any attempt. */
  readonly takes: (event: LoggedEvent) => boolean
  /** Reacts to the event. @throws GiveUp for a failure that no repetition mends, and any other error for one that may pass. */
  readonly perform: (delivery: Delivery) => Promise<void>
}

/** A failure that is not caused by the event, such as a broker that is down: the event is tried again until it succeeds. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

/** A failure that no repetition mends: the event becomes a dead letter at once. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp'
}
