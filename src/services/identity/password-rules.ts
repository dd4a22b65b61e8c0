/** Whether a new password may be used: the design's limits on its password field, and what everybody tries first. */

export interface PasswordRules {
  /** In code points. */
  readonly min: number
  readonly max: number
  /** A regular expression; null when the design asks for none. */
  readonly pattern: string | null
}

/** Whose password it is to be: words that only this user, or only users of this backend, would choose. */
export interface PasswordContext {
  /** What the user signs in with; null when it is not known. */
  readonly login: string | null
}

/** One reason against a password. `rule` is the constraint's name, as in other validation errors; `message` says what to do. */
export interface PasswordProblem {
  readonly rule: 'min' | 'max' | 'pattern' | 'common' | 'format'
  readonly message: string
}
