/** What a run of code of a design has cost, as a serving process logs it. */

/** A run of code. */
export interface CodeCost {
  /** `action Order.pay`, `hook Post.beforeCreate`. */
  readonly code: string
  /** From its begin to its end, with the time of its statements. */
  readonly ms: number
  /** The statements that were sent meanwhile. They are its own if nothing else ran at the same time. */
  readonly statements: number
  /** The statement that was sent most often, without values; null if none was sent. */
  readonly most: { readonly times: number; readonly text: string } | null
}
