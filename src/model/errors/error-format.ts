/** How failures leave a backend whose design says so under `errors`: their status, names, messages and body. */

import type { Rule } from '../../base/failures/rules.ts'

/** The form of the failures of a backend. */
export interface ErrorFormat {
  /** The body of every failure; null: Problem Details (RFC 9457). */
  readonly answer: ErrorTree | null
  /** By code; what a status says is part of the codes that have it. */
  readonly codes: ReadonlyMap<string, ShownCode>
  /** By status as in the catalogue, for codes that the design does not declare. */
  readonly statuses: ReadonlyMap<number, ShownCode>
  readonly messages: ReadonlyMap<MessageRule, string>
  /** What an entity is called in errors, for all entities. */
  readonly kinds: ReadonlyMap<string, string>
}

/** A rule that may have a message. The rule `empty` is about a value that is an empty text or null where neither may be. */
export type MessageRule = Rule | 'empty'

/** What stands in a message for the limit that the value breaks. */
export const LIMIT_WORD = '{limit}'

/** What the design says about a code; null where it says nothing. */
export interface ShownCode {
  readonly status: number | null
  /** The name of its problem. */
  readonly name: string | null
  /** In place of the words of Plinth. */
  readonly message: string | null
  /** The path to which browsers are led in place of a page. */
  readonly redirect: string | null
}

/** What the design says about a code of a status of the catalogue; undefined for nothing. */
export function shownCode(
  format: ErrorFormat,
  { code, status }: { readonly code: string; readonly status: number },
): ShownCode | undefined {
  return format.codes.get(code) ?? format.statuses.get(status)
}

/** The status that clients get for a code. @param of the code and its status without the format */
export function shownStatus(format: ErrorFormat | null, of: { readonly code: string; readonly status: number }): number {
  return (format === null ? undefined : shownCode(format, of)?.status) ?? of.status
}

/** The body of a failure. */
export type ErrorTree =
  | { readonly kind: 'value'; readonly value: ErrorTerm }
  | { readonly kind: 'object'; readonly members: readonly { readonly name: string; readonly of: ErrorTree }[] }
  /** One part for each problem, or for each message of a problem; with `key`, an object. */
  | { readonly kind: 'list'; readonly each: string; readonly in: ErrorTerm; readonly key: ErrorTerm | null; readonly of: ErrorTree }

/** The type of an expression about a failure. */
export type ErrorType = 'text' | 'integer' | 'boolean' | 'null' | 'texts' | 'problem' | 'problems'

/** An expression about a failure. */
export type ErrorTerm =
  | { readonly kind: 'constant'; readonly type: ErrorType; readonly value: string | number | boolean | null }
  /** `status`, `problems`, or the name in `each`. */
  | { readonly kind: 'name'; readonly type: ErrorType; readonly name: string }
  | { readonly kind: 'member'; readonly type: ErrorType; readonly of: ErrorTerm; readonly name: string }
  /** An item of a list; null past its end. */
  | { readonly kind: 'item'; readonly type: ErrorType; readonly of: ErrorTerm; readonly at: number }
  | { readonly kind: 'size'; readonly type: 'integer'; readonly of: ErrorTerm }
  | { readonly kind: 'string'; readonly type: 'text'; readonly of: ErrorTerm }
  | { readonly kind: 'concatenation'; readonly type: 'text'; readonly left: ErrorTerm; readonly right: ErrorTerm }
  | { readonly kind: 'equal'; readonly type: 'boolean'; readonly left: ErrorTerm; readonly right: ErrorTerm; readonly negated: boolean }
  | { readonly kind: 'choice'; readonly type: ErrorType; readonly when: ErrorTerm; readonly yes: ErrorTerm; readonly no: ErrorTerm }

/** What an expression about a failure may name, with the types. */
export const ERROR_NAMES = {
  problems: 'problems',
  status: 'integer',
  code: 'text',
  title: 'text',
  detail: 'text',
  traceId: 'text',
  path: 'text',
  time: 'text',
} as const satisfies Readonly<Record<string, ErrorType>>

/** The members of a problem, with the types. */
export const PROBLEM_MEMBERS = {
  name: 'text',
  rule: 'text',
  messages: 'texts',
  pointer: 'text',
} as const satisfies Readonly<Record<string, ErrorType>>
