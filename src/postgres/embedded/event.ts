/**
 * Messages between Plinth and the keeper of the embedded PostgreSQL.
 *
 * Progress of the embedded PostgreSQL, in order. `lost`, `disk-full`, `restarted` and `attached` may follow `ready` at any time. Times in
 * milliseconds.
 */
export type EmbeddedEvent =
  | { readonly kind: 'copying'; readonly to: string }
  | { readonly kind: 'initialising'; readonly folder: string }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'attached'; readonly pid: number }
  | { readonly kind: 'ready'; readonly pid: number; readonly ms: number }
  | { readonly kind: 'restarted'; readonly pid: number }
  /** The server has stopped because the disk with `folder` is full. It is started again when there is room. */
  | { readonly kind: 'disk-full'; readonly folder: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** Where the server listens: a unix socket in `folder`, or a port of 127.0.0.1. */
export type Address =
  | { readonly kind: 'socket'; readonly folder: string; readonly port: number }
  | { readonly kind: 'loopback'; readonly port: number }

/** The server accepts connections at `address`. Sent again after a crash and restart. */
export interface RunningPostgres {
  readonly kind: 'running'
  readonly pid: number
  readonly address: Address
}

/** An EnvironmentError, sent to another process. */
export interface Failed {
  readonly kind: 'failed'
  readonly message: string
  readonly hint: string
}

/** A message from the keeper to each Plinth process that holds a lease. The first one is `welcome`. */
export type KeeperMessage =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'progress'; readonly event: EmbeddedEvent }
  | RunningPostgres
  | Failed

/** A message from the keeper to the Plinth process that forked it, before the first lease. `busy`: another keeper has locked the folder. */
export type KeeperReport = { readonly kind: 'listening' } | { readonly kind: 'busy' } | Failed

/** The message from Plinth to a new keeper: what to run. */
export interface KeeperJob {
  readonly here: string
  readonly durability: Durability
}

/** Whether committed data survive a crash of the machine. `none` is for tests: the server never waits for the disk. */
export type Durability = 'full' | 'none'

/** The content of `keeper.json`. Other Plinth processes find the keeper with it. `protocol` changes when `KeeperMessage` changes. */
export interface KeeperState {
  readonly protocol: number
  readonly pid: number
  readonly endpoint: string | number
  readonly token: string
}

/** The version of `KeeperMessage`. */
export const KEEPER_PROTOCOL = 2
