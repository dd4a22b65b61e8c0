/**
 * The surroundings, not the design and not Plinth, are in the way: a missing program, a folder without permission, a server
 * that will not start. `message` says what is wrong, `hint` what the person at the keyboard can do next; both are for that
 * person, never for an API client.
 */
export class EnvironmentError extends Error {
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EnvironmentError'
    this.hint = hint
  }
}
