/** A setting of the backend, as the documents and the files of environments show it. */

/** A variable of the environment. */
export interface DeliveredSetting {
  readonly name: string
  readonly meaning: string
  /** Whether production does not start without it. */
  readonly required: boolean
  /** Whether its value may stand in no file of the project. */
  readonly secret: boolean
  /** The value in production when it is not set; null for none. */
  readonly usual: string | null
}
