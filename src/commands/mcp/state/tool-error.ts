/** The failures of tools: one row for each code. Every failure says what to do instead. */

/** The codes, with what each means. */
export const TOOL_ERRORS = {
  'PLN-M001': 'The call has an unknown argument, or one of a wrong type or value.',
  'PLN-M002': 'A path leads outside the folder that the server was started for, or to a file that no tool reads.',
  'PLN-M003': 'The text that an edit replaces is not in the design, or is there more than once.',
  'PLN-M004': 'The plan is not that of this design and this database: one of them has changed since, or the plan was never shown.',
  'PLN-M005': 'The migration deletes data or rewrites a table, and the call has no hash of the plan that says so.',
  'PLN-M006': 'Other work that excludes this call is under way.',
  'PLN-M007': 'The design would be executed as code, which this server does not do.',
  'PLN-M008': 'There is no such draft or job, or not any more.',
  'PLN-M009': 'The design has errors.',
  'PLN-M010': 'There is nothing of that name to read or to explain.',
  'PLN-M011': 'The surroundings do not allow it: a database, a port or a file.',
  'PLN-M012': 'The answer was not ready in time; the work goes on.',
  'PLN-M013': 'The development server refused a request, or does not run.',
  'PLN-M099': 'A defect of Plinth.',
} as const satisfies Record<string, string>

/** A code of a tool's failure. */
export type ToolErrorCode = keyof typeof TOOL_ERRORS

/** A call that failed. `fix` says what to do; `next` is a call that helps, as the client would write it. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: ToolErrorCode
  readonly fix: string
  readonly next: string | null

  constructor(code: ToolErrorCode, message: string, { fix, next = null }: { readonly fix: string; readonly next?: string | null }) {
    super(message)
    this.code = code
    this.fix = fix
    this.next = next
  }
}
