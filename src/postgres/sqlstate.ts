/** Classifies errors by their SQLSTATE (PostgreSQL, appendix A) or by the code of a failed socket. */

import { TOO_MANY_BYTES, TOO_MANY_ROWS } from '../base/sql/statement.ts'

/** The kinds of error that Plinth treats differently. */
export type ErrorKind =
  | 'unique'
  | 'foreign-key'
  | 'check'
  | 'not-null'
  | 'serialization'
  | 'deadlock'
  | 'lock-timeout'
  | 'statement-timeout'
  | 'too-many-connections'
  | 'read-only'
  | 'disk-full'
  | 'connection-lost'
  | 'cannot-connect'
  | 'not-allowed'
  | 'no-database'
  | 'invalid-value'
  | 'index-row-too-large'
  | 'too-many-rows'
  | 'too-many-bytes'
  | 'schema-changed'
  | 'other'

/** A classified error of the driver. `message` is for logs and for people at a terminal, never for clients of the API. */
export interface ExplainedError {
  readonly kind: ErrorKind
  readonly sqlState: string | null
  readonly schema: string | null
  readonly table: string | null
  readonly column: string | null
  /** The violated constraint or unique index. */
  readonly constraint: string | null
  readonly message: string
  /** The values or the row in question, as PostgreSQL names them. */
  readonly detail: string | null
}

const SQLSTATES: Readonly<Record<string, ErrorKind>> = {
  '23505': 'unique',
  // an exclusion constraint; Plinth makes none
  '23P01': 'unique',
  '23503': 'foreign-key',
  '23001': 'foreign-key',
  '23514': 'check',
  '23502': 'not-null',
  '40001': 'serialization',
  '40P01': 'deadlock',
  '55P03': 'lock-timeout',
  '57014': 'statement-timeout',
  '25P04': 'statement-timeout',
  '53300': 'too-many-connections',
  '25006': 'read-only',
  '53100': 'disk-full',
  '57P01': 'connection-lost',
  '57P02': 'connection-lost',
  '57P05': 'connection-lost',
  '25P03': 'connection-lost',
  '57P03': 'cannot-connect',
  '28000': 'not-allowed',
  '28P01': 'not-allowed',
  '42501': 'not-allowed',
  '3D000': 'no-database',
  '54000': 'index-row-too-large',
  // the value is nested too deeply, though the class is "limit exceeded"
  '54001': 'invalid-value',
  '2201B': 'invalid-value',
}

/** The code of an unknown setting. */
const UNDEFINED_OBJECT = '42704'

/** By class, for codes that are not in the table. */
const CLASSES: Readonly<Record<string, ErrorKind>> = {
  '08': 'connection-lost',
  '22': 'invalid-value',
}

const SOCKET_CODES: Readonly<Record<string, ErrorKind>> = {
  ECONNREFUSED: 'cannot-connect',
  ENOTFOUND: 'cannot-connect',
  EAI_AGAIN: 'cannot-connect',
  ENOENT: 'cannot-connect',
  EACCES: 'cannot-connect',
  EHOSTUNREACH: 'cannot-connect',
  ENETUNREACH: 'cannot-connect',
  ETIMEDOUT: 'cannot-connect',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
}

/** By message, for errors of the driver without a code. */
const DRIVER_MESSAGES: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^Connection terminated due to connection timeout|^timeout expired|^timeout exceeded when trying to connect/, 'cannot-connect'],
  [/^Connection terminated|^Client has encountered a connection error|^Client was closed/, 'connection-lost'],
]

/** PostgreSQL refused a statement because its schema has another version. `cause` is PostgreSQL's error. */
export class SchemaChangedError extends Error {
  override readonly name = 'SchemaChangedError'

  constructor(cause: unknown) {
    super(messageOf(cause), { cause })
  }
}

/** Classifies any thrown value; unknown errors are `other`. Never throws. */
export function explainError(error: unknown): ExplainedError {
  if (error instanceof SchemaChangedError) return { ...explainError(error.cause), kind: 'schema-changed' }
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : null)
  const code = text('code')
  const message = messageOf(error)
  return {
    kind: kindOf(code, message),
    sqlState: isSqlState(code) ? code : null,
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
    message,
    detail: text('detail'),
  }
}

function kindOf(code: string | null, message: string): ErrorKind {
  if (code === UNDEFINED_OBJECT && message.includes(TOO_MANY_ROWS)) return 'too-many-rows'
  if (code === UNDEFINED_OBJECT && message.includes(TOO_MANY_BYTES)) return 'too-many-bytes'
  if (isSqlState(code)) return SQLSTATES[code] ?? CLASSES[code.slice(0, 2)] ?? 'other'
  if (code !== null && SOCKET_CODES[code] !== undefined) return SOCKET_CODES[code]
  return DRIVER_MESSAGES.find(([pattern]) => pattern.test(message))?.[1] ?? 'other'
}

/** A SQLSTATE has five characters with a digit among them; codes of sockets are words. */
function isSqlState(code: string | null): code is string {
  return code !== null && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)
}

/** A connection tried on several addresses fails with one error for each and no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map((one) => messageOf(one)).join(', ')
  return error instanceof Error ? error.message : String(error)
}
