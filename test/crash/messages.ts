/** The messages between a crash test and the process that it kills. */

/** What a process opens. */
export interface Opening {
  readonly design: 'crash' | 'append'
  readonly databaseUrl: string
  readonly port: number
  readonly smtpUrl: string
  readonly keys: string
}

/** To the process. `open` opens its backend; `arm` names the point at which it is killed, null for none. */
export type ToInstance =
  | (Opening & { readonly kind: 'open' })
  | { readonly kind: 'arm'; readonly point: string | null }
  | { readonly kind: 'record' }
  | { readonly kind: 'recorded' }

/** From the process. `recorded` has the points that it has reached since `record`. */
export type FromInstance =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'open' }
  | { readonly kind: 'armed' }
  | { readonly kind: 'recorded'; readonly points: readonly string[] }
