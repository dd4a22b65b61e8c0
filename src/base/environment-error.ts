/**
 * Something outside Plinth and the design stops it: a missing program, a folder without permission, a server
 * that will not start. `message` says what is wrong and `hint` what to do about it; both are for the operator, never for an API client.
 */
export class EnvironmentError extends Error {
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EnvironmentError'
    this.hint = hint
  }
}
