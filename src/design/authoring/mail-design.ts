/** The types of the mails of a design. */

/** A text, or the same text in several languages: `{ en: 'Welcome', de: 'Willkommen' }`. `{name}` shows a value (CEL). */
export type MailTextDesign = string | Readonly<Record<string, string>>

/** Email by SMTP. The server and its password come from the environment. */
export interface EmailDesign {
  /** The sender: `Blog <no-reply@example.com>`. */
  readonly from: string
  /** The field of the recipient's row that has the language, such as `en` or `de-AT`. */
  readonly language?: string
  /** How many mails one address gets within a time; 100 within 1h unless given. */
  readonly limit?: { readonly mails: number; readonly within: string }
  /** The mails by name. */
  readonly templates?: Readonly<Record<string, MailTemplateDesign>>
}

/** What a mail says. Names are those of the event that sends it. */
export interface MailTemplateDesign {
  readonly subject: MailTextDesign
  readonly blocks: readonly MailBlockDesign[]
  readonly attachments?: readonly MailAttachmentDesign[]
}

/** A part of the content, distinguished by its key. */
export type MailBlockDesign =
  | { readonly heading: MailTextDesign }
  | { readonly text: MailTextDesign }
  | { readonly button: { readonly label: MailTextDesign; readonly link: MailTextDesign } }
  | { readonly table: MailTableDesign }
  | { readonly image: MailImageDesign }

/** A table with one row for each row of a relation. */
export interface MailTableDesign {
  /** `l in lines`: the name of each row, and the relation. */
  readonly each: string
  readonly columns: readonly {
    readonly heading: MailTextDesign
    readonly value: MailTextDesign
    readonly align?: 'left' | 'right'
  }[]
}

/** An image: a file beside the design, or a link. */
export interface MailImageDesign {
  readonly file?: string
  readonly link?: MailTextDesign
  /** What the image shows, for those who do not see it. */
  readonly alt: MailTextDesign
  /** In pixels. */
  readonly width?: number
}

/** An attachment: a text, or a file beside the design. */
export type MailAttachmentDesign =
  | { readonly content: MailTextDesign; readonly name: MailTextDesign }
  | { readonly file: string; readonly name?: MailTextDesign }
