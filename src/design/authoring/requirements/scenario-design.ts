/** Scenarios of a design: what happens to some rows when some callers do something, which `plinth verify` tries. */

/** A scenario. With `text` alone it is a sentence that nobody has written as data yet. */
export interface ScenarioDesign {
  /** What it shows, in a sentence. */
  readonly text?: string
  /** The rows before, by entity and then by a name of their own, with the values that matter. References hold names of rows. */
  readonly rows?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>
  /** In the order in which they are sent. */
  readonly calls?: readonly ScenarioCallDesign[]
  /** The events that the calls must log, and the names of their rows: `{ 'Order.created': ['o'] }`. */
  readonly events?: Readonly<Record<string, readonly string[]>>
}

/** A request, and what must come of it. */
export type ScenarioCallDesign = {
  /** The name of the account that sends it, or `anonymous`. */
  readonly as: string
  /** The interface; `rest` unless given. */
  readonly through?: 'rest' | 'graphql'
  readonly expect: ScenarioExpectationDesign
} & (
  | { readonly get: string }
  | { readonly list: string; readonly where?: string }
  | { readonly create: string; readonly set?: Readonly<Record<string, unknown>>; readonly named?: string }
  | { readonly update: string; readonly set: Readonly<Record<string, unknown>> }
  | { readonly delete: string }
  | { readonly call: string; readonly on?: string; readonly input?: Readonly<Record<string, unknown>> }
)

/** A status, the names of the rows that a list has, or several of the following. */
export type ScenarioExpectationDesign =
  | number
  | readonly string[]
  | {
      readonly status?: number
      readonly code?: string
      /** A part of the answer. Names of rows stand for their ids. */
      readonly answer?: unknown
      /** The named rows that the list has, and no other named ones. */
      readonly finds?: readonly string[]
      /** Rows afterwards, with the values that matter; null for a row that is gone. */
      readonly leaves?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>
    }

/** The scenarios of a design with the entities `E`. Names of rows and fields are checked by `plinth plan`. */
export type CheckedScenarios<E> = Readonly<Record<string, CheckedScenario<E>>>

type CheckedScenario<E> = Omit<ScenarioDesign, 'rows' | 'events'> & {
  readonly rows?: { readonly [K in keyof E]?: Readonly<Record<string, { readonly [F in FieldName<E[K]>]?: unknown }>> }
  readonly events?: { readonly [event in `${keyof E & string}.${string}`]?: readonly string[] }
}

type FieldName<D> = D extends { readonly fields: infer F } ? (keyof F & string) | 'createdAt' | 'updatedAt' | 'deletedAt' : never
