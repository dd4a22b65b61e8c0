/** What a person waiting for the embedded PostgreSQL is told, in the order it happens. `lost`, `restarted` and `attached` may follow `ready` at any time. */
export type EmbeddedEvent =
  | { readonly kind: 'copying'; readonly to: string }
  | { readonly kind: 'initialising'; readonly folder: string }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'attached'; readonly pid: number }
  | { readonly kind: 'ready'; readonly pid: number; readonly ms: number }
  | { readonly kind: 'restarted'; readonly pid: number }
  | { readonly kind: 'lost'; readonly reason: string }

/** Where the server listens: a unix socket in `folder`, or a port of 127.0.0.1. */
export type Address =
  | { readonly kind: 'socket'; readonly folder: string; readonly port: number }
  | { readonly kind: 'loopback'; readonly port: number }

/** The server accepts connections at `address`; sent again after a crash and restart. */
export interface Running {
  readonly kind: 'running'
  readonly pid: number
  readonly address: Address
}

/** An EnvironmentError on its way to another process. */
export interface Failed {
  readonly kind: 'failed'
  readonly message: string
  readonly hint: string
}

/** From the keeper to each Plinth that holds a lease. `welcome` is always the first. */
export type KeeperMessage = { readonly kind: 'welcome' } | { readonly kind: 'progress'; readonly event: EmbeddedEvent } | Running | Failed

/** From the keeper to the Plinth that forked it, before leases can be taken. `busy`: another keeper has the folder. */
export type KeeperReport = { readonly kind: 'listening' } | { readonly kind: 'busy' } | Failed

/** From Plinth to the keeper it forked. */
export interface KeeperJob {
  readonly here: string
  readonly durability: Durability
}

/** Whether committed data survive a crash of the machine. `none` is for tests: the server never waits for the disk. */
export type Durability = 'full' | 'none'

/** What the keeper writes beside the data so that other Plinths find it. `protocol` changes whenever KeeperMessage does. */
export interface KeeperState {
  readonly protocol: number
  readonly pid: number
  readonly endpoint: string | number
  readonly token: string
}

export const KEEPER_PROTOCOL = 1
