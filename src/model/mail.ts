/** The mails that reactions send, after resolution: all names are bound, and all values have types. */

import type { RowPath, RowSet, Term, ValueType } from './expression.ts'

/** The integration `email`. */
export interface MailModel {
  /** The sender, as the design has it: `Blog <no-reply@example.com>`. */
  readonly from: string
  /** How many mails one address gets within a time, in milliseconds. */
  readonly limit: { readonly mails: number; readonly withinMs: number }
}

/** The mail of one reaction. */
export interface Mail {
  /** Where the design declares the reaction: `on`, the event, and its number. */
  readonly at: readonly (string | number)[]
  /** The entity of the row that the event is about. */
  readonly entity: string
  /** What happens to the row: `created`, `updated`, `deleted`, or the name of an action. */
  readonly happening: string
  readonly template: string
  /** The address, and the author's text of it. */
  readonly to: Term
  readonly toSource: string
  /** The row that has the address; null for an address that is no field. */
  readonly recipient: RowPath | null
  /** The language that the recipient reads; null where the recipient has none. */
  readonly language: Term | null
  readonly subject: MailText
  readonly blocks: readonly MailBlock[]
  readonly attachments: readonly MailAttachment[]
  /** The values that texts outside of tables show, by number. */
  readonly values: readonly MailValue[]
}

/** A text in each of its languages; the first one serves recipients of any other language. */
export type MailText = readonly MailVersion[]

/** A text in one language. */
export interface MailVersion {
  /** A tag of BCP 47; null for a text without languages. */
  readonly language: string | null
  readonly pieces: readonly MailPiece[]
}

/** A part of a text: as written, or the value of this number. */
export type MailPiece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'value'; readonly number: number }

/** A value that a mail shows: that of an expression, or the secret of the `token` field of a row. */
export type MailValue =
  | { readonly kind: 'term'; readonly term: Term; readonly type: ValueType }
  | { readonly kind: 'token'; readonly row: RowPath; readonly field: string }

/** A part of the content of a mail. */
export type MailBlock =
  | { readonly kind: 'heading'; readonly text: MailText }
  | { readonly kind: 'text'; readonly text: MailText }
  | { readonly kind: 'button'; readonly label: MailText; readonly link: MailText }
  | { readonly kind: 'table'; readonly table: MailTable }
  | { readonly kind: 'image'; readonly source: MailImage; readonly alt: MailText; readonly width: number | null }

/** An image of the design, which is sent with the mail, or one that the mail program loads. */
export type MailImage = { readonly kind: 'file'; readonly file: MailFile } | { readonly kind: 'link'; readonly link: MailText }

/** A row of the table for each of these rows. The values of `columns` have the numbers of `values`. */
export interface MailTable {
  readonly as: string
  readonly over: RowSet
  readonly columns: readonly MailColumn[]
  readonly values: readonly MailValue[]
}

/** A column of a table. */
export interface MailColumn {
  readonly heading: MailText
  readonly value: MailText
  readonly align: 'left' | 'right'
}

/** A file that a mail has with it. */
export type MailAttachment =
  | { readonly kind: 'content'; readonly name: MailText; readonly content: MailText }
  | { readonly kind: 'file'; readonly name: MailText; readonly file: MailFile }

/** A file of the design: its path as written, and its bytes once it is read. */
export interface MailFile {
  readonly path: string
  /** Null until `bindCode` reads it. */
  readonly bytes: Uint8Array | null
}

/** The most rows of a table of a mail. */
export const MAX_MAIL_ROWS = 200
