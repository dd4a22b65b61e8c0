/** Scenarios after resolution: all names are bound. */

/** What happens to some rows when some callers do something. */
export interface Scenario {
  readonly name: string
  readonly text: string | null
  /** In the order of the design. */
  readonly rows: readonly ScenarioRow[]
  /** Empty for a scenario that is a text only. */
  readonly calls: readonly ScenarioCall[]
  /** Null if the scenario says nothing about events. */
  readonly events: readonly ScenarioEvents[] | null
}

/** A row before, with the values that the author gave. */
export interface ScenarioRow {
  readonly name: string
  readonly entity: string
  readonly values: ScenarioValues
}

/** Values as they are written: references are names of rows, times may be `now() + duration("2h")`. */
export type ScenarioValues = Readonly<Record<string, unknown>>

/** A request, and what must come of it. `row` and `as` are names of rows; `as` null for an anonymous caller. */
export type ScenarioCall = {
  readonly as: string | null
  readonly through: 'rest' | 'graphql'
  readonly expect: ScenarioExpectation
} & (
  | { readonly kind: 'get' | 'delete'; readonly entity: string; readonly row: string }
  | { readonly kind: 'list'; readonly entity: string; readonly where: string | null }
  | { readonly kind: 'create'; readonly entity: string; readonly set: ScenarioValues; readonly named: string | null }
  | { readonly kind: 'update'; readonly entity: string; readonly row: string; readonly set: ScenarioValues }
  /** `action` as `actionLabel` names it; `row` null for an action of the design. */
  | { readonly kind: 'call'; readonly action: string; readonly row: string | null; readonly input: ScenarioValues }
)

/** What must come of a request; null where the author says nothing. */
export interface ScenarioExpectation {
  readonly status: number | null
  readonly code: string | null
  /** A part of the answer; undefined if nothing is said about it. */
  readonly answer: unknown
  readonly finds: readonly string[] | null
  readonly leaves: readonly { readonly row: string; readonly values: ScenarioValues | null }[]
}

/** Events of one kind, with the names of their rows. */
export interface ScenarioEvents {
  readonly entity: string
  readonly happening: string
  readonly rows: readonly string[]
}

/** Whether the call must be refused. */
export function mustBeRefused({ status, code }: ScenarioExpectation): boolean {
  return code !== null || (status !== null && status >= 400)
}
