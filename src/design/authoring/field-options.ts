/** The options that all types of fields share. */

/** The options of every field. `W` is the field that `unique.within` names, `O` whether the field is optional. */
export interface FieldOptions<W extends string = string, O extends boolean = boolean> {
  /** May be missing (null). Fields are required unless this is true. */
  readonly optional?: O
  /** No two rows may hold the same value; `within: 'org'`: no two rows of one `org`; `where`: no two rows for which it holds (CEL). */
  readonly unique?: boolean | { readonly within?: W; readonly where?: string; readonly named?: boolean }
  /** Can be set only when the row is created. */
  readonly immutable?: boolean
  /** The server sets the field to this value (CEL with `auth` and `now()`) when a row is created. No request can send the field. */
  readonly set?: string
  /** When `set` applies: once, at `create`, or with `write` again at every change of the row; `create` unless given. */
  readonly on?: 'create' | 'write'
  /** Who may read the field, in addition to the entity's read rule (CEL). */
  readonly read?: string
  /** Who may set the field, in addition to the entity's create and update rules (CEL). */
  readonly write?: string
  /** The field's former name. The column is renamed and keeps its values. */
  readonly was?: string
  /** Personal data: redacted in logs and reports, and part of the export and the erasure of a person. */
  readonly private?: boolean
  /** What an erasure of the person puts in place of a private value; null unless given. `{id}` in a text is a random UUID. */
  readonly erased?: unknown
  readonly description?: string
}
