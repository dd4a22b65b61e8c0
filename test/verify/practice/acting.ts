/**
 * What a fault is asked with, to see that it acts: requests, accounts and rows. No file that faults import may import modules of `src/`,
 * because these would be loaded before the fault is planted.
 */

import { randomBytes } from 'node:crypto'
import type { Answered } from '../../../src/verify/expected/answered.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'

/** An account, with its session. */
export interface Account {
  readonly id: string
  readonly token: string
  readonly email: string
}

/** A request, beside its method and address. */
export interface Asking {
  readonly as?: Account
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The requests of one question. */
export interface Acting {
  readonly ask: (method: string, url: string, more?: Asking) => Promise<Answered>
  /** Registers an account. @param role its role, if it gets one */
  readonly account: (role?: string) => Promise<Account>
  /** Runs a statement as the owner of the database. */
  readonly rows: (statement: string, values?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Runs a module in a process of its own that loads the same code, and gives what it prints. `src()` there imports a file of `src/`. */
  readonly run: (module: string) => Promise<string>
  /** Begins a session by itself, whatever the backend thinks of the account. */
  readonly tokenFor: Stage['tokenFor']
}

/** The password of all accounts. */
export const PASSWORD = 'Glade-Orchid-47-Lantern'

/** The body of a registration. */
export function registration(email: string): Readonly<Record<string, unknown>> {
  return { name: 'Somebody', email, password: PASSWORD }
}

/** An address that nobody has. */
export function newEmail(): string {
  return `a${randomBytes(8).toString('hex')}@example.org`
}

/** What an answer shows, if the condition holds. */
export function seen(answer: Answered, holds: boolean): string | null {
  return holds ? `${answer.status} ${answer.text.slice(0, 100)}` : null
}
