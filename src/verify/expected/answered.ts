/** The status of a request without an answer: the connection broke, or there was none within the time limit. */
export const NO_ANSWER = 0

/** An answer of the backend, as it came. */
export interface Answered {
  /** `NO_ANSWER` if there is none; its text is then the reason. */
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: expectations look into answers of any shape
  readonly json: any
}
