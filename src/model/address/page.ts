/** The page of an action that answers HTML: a template whose names are bound, and whose values have a place in HTML. */

/** The template of an action. */
export interface ActionPage {
  /** The path of its file, relative to the folder of the design. */
  readonly file: string
  /** Null until the file has been read. */
  readonly template: HtmlTemplate | null
}

/** A template, ready to be filled. */
export interface HtmlTemplate {
  readonly parts: readonly HtmlPart[]
  /** The texts of its style elements. The Content-Security-Policy of the page allows exactly these. */
  readonly styles: readonly string[]
}

/** A part of a template. */
export type HtmlPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A value in a text or a quoted attribute; it is written with character references. */
  | { readonly kind: 'value'; readonly value: HtmlValue }
  /** The whole value of an attribute that holds a URL. */
  | { readonly kind: 'url'; readonly pieces: readonly UrlPiece[] }
  | { readonly kind: 'if'; readonly value: HtmlValue; readonly yes: readonly HtmlPart[]; readonly no: readonly HtmlPart[] }
  /** Each element of a list, or of an object; `else` if there is none. */
  | { readonly kind: 'each'; readonly value: HtmlValue; readonly of: readonly HtmlPart[]; readonly else: readonly HtmlPart[] }
  /** Makes an object the one that names are about; `else` if it is missing. */
  | { readonly kind: 'with'; readonly value: HtmlValue; readonly of: readonly HtmlPart[]; readonly else: readonly HtmlPart[] }

/** A part of a URL. A value at the beginning may be a whole URL; any other value is one part of a path or a query. */
export type UrlPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'whole'; readonly value: HtmlValue }
  | { readonly kind: 'part'; readonly value: HtmlValue }

/** Where a value is: in the answer, or what a loop knows about its element. */
export type HtmlValue =
  | {
      readonly kind: 'member'
      /** The scope: 0 is the answer, each `each` and `with` adds one. */
      readonly depth: number
      readonly path: readonly string[]
    }
  | { readonly kind: 'loop'; readonly depth: number; readonly what: 'index' | 'key' | 'first' | 'last' }
