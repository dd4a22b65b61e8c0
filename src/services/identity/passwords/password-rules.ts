/** Checks a new password: the limits of the design's password field, and the list of common passwords. */

import { patternMessage } from '../../../base/pattern/pattern-message.ts'
import { codePoints } from '../../../base/text-values.ts'
import { isCommonPassword } from './blocklist.ts'
import { MAX_PASSWORD_BYTES, preparePassword } from './password-text.ts'

/** The limits of a password field. */
export interface PasswordRules {
  /** The minimum length in code points. */
  readonly min: number
  readonly max: number
  /** A regular expression; null when the design has none. */
  readonly pattern: string | null
}

/** What an attacker knows about the owner of the password. */
export interface PasswordContext {
  /** The backend's name in the design. */
  readonly backend: string
  /** The login of the user; null when it is not known. */
  readonly login: string | null
}

/**
 * One reason to refuse a password. `rule` has the same names as in other validation errors. `message` says what to do and never contains
 * the password.
 */
export interface PasswordProblem {
  readonly rule: 'format' | 'minLength' | 'maxLength' | 'pattern' | 'common'
  readonly message: string
  /** The limit that it breaks, if it breaks one. */
  readonly limit?: number
}

/** Returns all reasons to refuse a password; an empty list when it is acceptable. Computes no hash. */
export async function checkPassword(password: string, rules: PasswordRules, context: PasswordContext): Promise<readonly PasswordProblem[]> {
  const prepared = preparePassword(password)
  if (prepared.kind === 'refused') return [refusal(prepared.why, rules)]
  const { text } = prepared
  const problems: PasswordProblem[] = []
  const length = codePoints(text)
  if (length < rules.min) problems.push(atLeast(rules.min))
  if (length > rules.max) problems.push({ rule: 'maxLength', message: `must have at most ${counted(rules.max)}`, limit: rules.max })
  if (rules.pattern !== null && !new RegExp(rules.pattern, 'u').test(text)) {
    problems.push({ rule: 'pattern', message: patternMessage(rules.pattern, text) })
  }
  if (namesOwner(text, context)) {
    problems.push({ rule: 'common', message: 'must not be your login or the name of this service; choose several unrelated words instead' })
  } else if (await isCommonPassword(text)) {
    problems.push({ rule: 'common', message: 'is among the passwords that attackers try first; choose several unrelated words instead' })
  }
  return problems
}

function refusal(why: 'empty' | 'too-long' | 'not-text', rules: PasswordRules): PasswordProblem {
  if (why === 'empty') return atLeast(Math.max(1, rules.min))
  if (why === 'too-long') return { rule: 'maxLength', message: `must have at most ${counted(rules.max)} and ${MAX_PASSWORD_BYTES} bytes` }
  return { rule: 'format', message: 'must be well-formed text' }
}

function atLeast(min: number): PasswordProblem {
  return { rule: 'minLength', message: `must have at least ${counted(min)}`, limit: min }
}

function counted(length: number): string {
  return `${length} ${length === 1 ? 'character' : 'characters'}`
}

function namesOwner(text: string, context: PasswordContext): boolean {
  const word = text.toLowerCase()
  const login = context.login?.trim().toLowerCase() ?? ''
  return [context.backend.toLowerCase(), login, login.split('@')[0] ?? ''].includes(word)
}
