/** The messages between a crash test and the process that it kills. */

/** To the process. `open` opens its backend; `arm` names the point at which it is killed, null for none. */
export type ToInstance =
  | { readonly kind: 'open'; readonly databaseUrl: string; readonly port: number; readonly smtpUrl: string; readonly keys: string }
  | { readonly kind: 'arm'; readonly point: string | null }
  | { readonly kind: 'record' }
  | { readonly kind: 'recorded' }

/** From the process. `recorded` has the points that it has reached since `record`. */
export type FromInstance =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'open' }
  | { readonly kind: 'armed' }
  | { readonly kind: 'recorded'; readonly points: readonly string[] }
