// Errors: one class, with a code that programs decide by.

/** One problem with one value that was sent. */
export interface FieldProblem {
  /** JSON pointer to the value: `/title`. */
  readonly pointer: string
  readonly rule: string
  readonly message: string
}

interface Failed<Code extends string> {
  readonly code: Code
  /** The HTTP status; 0 if no answer came. */
  readonly status: number
  readonly message: string
  readonly body?: unknown
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** A call that failed. */
export class ApiError<Code extends string = string> extends Error {
  override readonly name = 'ApiError'
  readonly code: Code
  /** The HTTP status; 0 if no answer came. */
  readonly status: number
  /** What is wrong with each value, if values are wrong. */
  readonly errors: readonly FieldProblem[]
  /** Finds the request in the logs of the server. */
  readonly traceId: string | null
  /** When to try again; null if the server does not say. */
  readonly retryAfterMs: number | null
  /** The body of the answer. */
  readonly body: unknown

  constructor({ code, status, message, body, retryAfterMs = null, cause }: Failed<Code>) {
    super(message, cause === undefined ? undefined : { cause })
    const { errors, traceId } = membersOf(body)
    this.code = code
    this.status = status
    this.body = body
    this.retryAfterMs = retryAfterMs
    this.errors = Array.isArray(errors) ? errors : []
    this.traceId = typeof traceId === 'string' ? traceId : null
  }

  /** What is wrong with one field; null if nothing is. */
  problemOf(field: string): string | null {
    return this.errors.find(({ pointer }) => pointer === `/${field}`)?.message ?? null
  }
}

/** Whether a caught value is an error of the API, with one of these codes if there are some. */
export type IsApiError<All extends string> = {
  (error: unknown): error is ApiError<All>
  <Code extends All>(error: unknown, ...codes: readonly Code[]): error is ApiError<Code>
}

/** The check behind `isApiError`, which knows the codes of a design. */
export function isApiErrorOf(error: unknown, ...codes: readonly string[]): error is ApiError<never> {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code))
}

function membersOf(body: unknown): { readonly [name: string]: unknown } {
  return typeof body === 'object' && body !== null ? (body as { readonly [name: string]: unknown }) : {}
}

/** The error of an answer that is no success. The code of an answer in another form is its status: `http_502`. @internal */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    // An answer of something between the client and the server.
  }
  const { code, detail, title } = membersOf(body)
  const message = [detail, title].find((one) => typeof one === 'string' && one !== '')
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiError({
    code: typeof code === 'string' ? code : `http_${response.status}`,
    status: response.status,
    message: typeof message === 'string' ? message : `the server answered ${response.status}`,
    body,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null,
  })
}
