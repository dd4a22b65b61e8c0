/** What a setting is: the columns of the table of settings. */

/** `development` is `plinth up`, `production` is `plinth serve`. The other commands read only `DATABASE_URL`. */
export type Mode = 'development' | 'production'

/** What a value may be. */
export interface SettingType {
  /** For documents, such as `port`. */
  readonly name: string
  /** Returns the problem of a value, as the end of a sentence that begins with its name; null for a valid value. Never has the value. */
  readonly problem: (value: string) => string | null
}

/** One row of the table. */
export interface SettingFacts {
  readonly meaning: string
  readonly type: SettingType
  /** The value when the variable is unset or empty, by mode; null when there is none. */
  readonly default: Readonly<Record<Mode, string | null>>
  /** Whether production requires the setting. */
  readonly required: boolean
  /** The value is never printed, not even in an error. A secret may also be in a file: see `secret-files.ts`. */
  readonly secret: boolean
}
