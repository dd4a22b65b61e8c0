/** Where a client is led after an action has succeeded: the `Location` of an answer without a body. */

/** The target of a redirect. */
export interface Redirect {
  /** As the design has it, such as `/users/{id}`. */
  readonly source: string
  readonly parts: readonly RedirectPart[]
}

/** A part of the target. The whole target may be one value: a URL of another site, which a field of the type url holds. */
export type RedirectPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A member of the answer; `path` are the names from the answer to it. */
  | { readonly kind: 'value'; readonly path: readonly string[] }

/** The statuses of redirects (RFC 9110 section 15.4). */
export const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308]

/** The status of a redirect that has none: the client asks for the target with GET (RFC 9110 section 15.4.4). */
export const SEE_OTHER = 303

/** Reads a target. Names in braces are members of the answer, with dots for members of members. */
export function parseRedirect(source: string): Redirect {
  const parts = source.split(/([{][^{}]*[}])/).flatMap((text): readonly RedirectPart[] => {
    if (text === '') return []
    return [text.startsWith('{') ? { kind: 'value', path: text.slice(1, -1).split('.') } : { kind: 'text', text }]
  })
  return { source, parts }
}

/** Whether the whole target is one value. */
export function isWholeValue({ parts: [first, ...more] }: Redirect): boolean {
  return first?.kind === 'value' && more.length === 0
}

/**
 * Whether the path of a target has the segment `.` or `..`. Clients leave these segments out, also when they are percent-encoded
 * (WHATWG URL, "double-dot path segment").
 */
export function hasDotSegment(target: string): boolean {
  return /(?:^|\/)\.{1,2}(?=$|\/)/.test(target.split(/[?#]/, 1)[0] ?? '')
}
