/** The form of a row of the catalogues of failures. */

/** What the catalogue says about a code. */
export interface FailureFacts {
  readonly status: number
  readonly title: string
  // biome-ignore lint/suspicious/noExplicitAny: each row types its own parameters; `FailureParams` reads them back
  readonly detail: (params: any) => string
}

/** The parameters of a message without parameters. */
export interface None {
  readonly [key: string]: never
}
