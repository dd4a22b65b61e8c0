/** Passwords that the guide to signing in excludes, whatever the limits of a design are: those that are tried first. */

import type { DesignField } from '../../expected/written-design.ts'

/** Passwords that all lists of leaked ones have, the shortest first. */
const OFTEN = [
  ...['1234', '123456', 'qwerty', 'abc123', 'password', '12345678', 'trustno1', 'welcome1', 'passw0rd', 'p@ssw0rd', '1qaz2wsx'],
  ...['password1', 'qwerty123', '123456789', '1qaz@wsx', 'qwertyuiop', '1234567890', 'password123', '1qaz2wsx3edc'],
  ...['passwordpassword', 'qwerty123456789', '1234567890qwerty', '1qaz2wsx3edc4rfv', 'q1w2e3r4t5y6u7i8', '123456789987654321'],
]

/** The most of them that are sent to a door. */
const MOST = 3

/** Whether the limits of a field take a text as a password. */
export function takes({ min = 15, max = 256, pattern }: DesignField, text: string): boolean {
  const { length } = [...text]
  return length >= Number(min) && length <= Number(max) && (pattern === undefined || new RegExp(pattern, 'u').test(text))
}

/** Passwords that the limits of a field take, and that must be refused all the same: often guessed ones, and the name of the backend. */
export function guessed(field: DesignField, backend: string): readonly { readonly label: string; readonly value: string }[] {
  const often = OFTEN.map((text) => capitalised(text).find((form) => takes(field, form))).filter((form) => form !== undefined)
  const named = capitalised(backend).find((form) => takes(field, form))
  // The longest are nearest to what the limits ask for, and the shortest are those that every list begins with.
  const some = often.length <= MOST ? often : [...often.slice(0, MOST - 1), ...often.slice(-1)]
  return [
    ...some.map((value, i) => ({ label: `guessed-${i + 1}`, value })),
    ...(named === undefined ? [] : [{ label: 'name-of-the-backend', value: named }]),
  ]
}

/** A text in several capitalisations: upper and lower case count as equal. */
export function capitalised(text: string): readonly string[] {
  return [
    text,
    `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`,
    text.toUpperCase(),
    `${text.slice(0, -1)}${text.slice(-1).toUpperCase()}`,
  ]
}
