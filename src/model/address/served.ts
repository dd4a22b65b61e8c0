/** Which ways into a backend its design leaves open, besides the addresses of its actions. */

/** The ways that Plinth makes itself. */
export interface Served {
  /** The first segment of the addresses of rows, actions and sign-in, such as `/api`; null if there are none. */
  readonly rest: string | null
  readonly graphql: boolean
}

/** What is served unless the design says otherwise. */
export const SERVED: Served = { rest: '/api', graphql: true }

/** The first segment of the addresses in REST. For a backend without these addresses, the usual one: `/api`. */
export function restBase({ served }: { readonly served: Served }): string {
  return served.rest ?? '/api'
}
