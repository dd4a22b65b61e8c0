/** What a run needs of its surroundings: a running backend, its database, and callers. */

import type { KnownSecret, TokenSigning, WrittenLog } from '../cases/probe.ts'
import type { Answered } from '../expected/answered.ts'
import type { CodeCost } from '../review/code-cost.ts'

/** A request as it is sent. */
export interface SentRequest {
  /** Upper case. */
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** A text and bytes (`Buffer`) are sent as they are, anything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The access token of the caller; null for an anonymous caller. */
  readonly token: string | null
}

/** A backend under test. */
export interface Stage {
  readonly ask: (asked: SentRequest) => Promise<Answered>
  /** Further instances on the same database. */
  readonly others: readonly ((asked: SentRequest) => Promise<Answered>)[]
  /** The database of the backend, as its owner. */
  readonly databaseUrl: string
  /** Begins a session for an account and gives its access token. */
  readonly tokenFor: (account: string) => Promise<string>
  /** With what the backend signs tokens; null for a backend without accounts. */
  readonly signing: TokenSigning | null
  /** Defects that the backend has logged since the last call. */
  readonly takeDefects: () => readonly string[]
  /** What runs of code have cost that ended since the last call; absent for a backend that does not log it. */
  readonly takeCosts?: () => readonly CodeCost[]
  /** What the processes have written since they started; absent where it cannot be read. */
  readonly log?: () => WrittenLog
  /** Keys, passwords and settings of the backend that nobody may see. */
  readonly secrets?: readonly KnownSecret[]
  /** The variables that the design names, with the values that the backend was started with; absent where they are not known. */
  readonly variables?: Readonly<Record<string, string>>
  /** The lines that the backend has logged since the last call, the latest of many; absent for a backend without a log. */
  readonly takeLog?: () => readonly string[]
  /** How many files the storage of the backend has; absent where it cannot be read. */
  readonly storedFiles?: () => Promise<number>
}
