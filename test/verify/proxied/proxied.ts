/** Defects between a correct backend and its callers: each changes requests or answers as a defective backend would. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import type { SentRequest, Stage } from '../../../src/verify/run/stage.ts'

/** What a defect may use. */
export interface Behind {
  /** The correct backend. */
  readonly ask: (asked: SentRequest) => Promise<Answered>
  readonly tokenFor: Stage['tokenFor']
  /** The accounts of the world, where a test gives them. */
  readonly accounts?: readonly string[]
}

/** A defect. */
export interface ProxiedFault {
  readonly what: string
  /** The beginning of the names of the cases that are asked. */
  readonly only: string
  /** What the claim and the name of a failed case, and what is wrong there, must match: `lists/Post lists/Post/…: rows: …`. */
  readonly named: RegExp
  readonly design?: string
  readonly answer: (behind: Behind, asked: SentRequest) => Promise<Answered>
}

/** The stage with the defect in front of each instance. */
export function defective(stage: Stage, { answer }: ProxiedFault, accounts: readonly string[] = []): Stage {
  const { tokenFor } = stage
  const through = (ask: Stage['ask']): Stage['ask'] => {
    return (asked) => answer({ ask, tokenFor, accounts }, asked)
  }
  return { ...stage, ask: through(stage.ask), others: stage.others.map(through) }
}

/** A copy of an answer with another body. */
export function saying(answer: Answered, json: unknown): Answered {
  return { ...answer, json, text: JSON.stringify(json) }
}

/** Whether an answer is a refusal or an error. */
export const isProblem = ({ status }: Answered): boolean => status >= 400
/** A request without a header. */
export const without = (asked: SentRequest, header: string): SentRequest => ({
  ...asked,
  headers: Object.fromEntries(Object.entries(asked.headers ?? {}).filter(([name]) => name !== header)),
})

/** A defect that changes requests. */
export const requests =
  (change: (asked: SentRequest) => SentRequest) =>
  ({ ask }: Behind, asked: SentRequest): Promise<Answered> =>
    ask(change(asked))

/** A defect that changes answers. */
export const answers =
  (change: (answer: Answered, asked: SentRequest) => Answered) =>
  async ({ ask }: Behind, asked: SentRequest): Promise<Answered> =>
    change(await ask(asked), asked)
