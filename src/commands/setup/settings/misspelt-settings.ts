/** Variables of the environment that look like a setting, and are none. */

import { suggest } from '../../../base/suggest.ts'
import type { Environment } from '../../terminal/environment.ts'
import { FILE_ENDING } from './secret-files.ts'
import { SETTINGS } from './setting-table.ts'

/** Names of other programs are often near a shorter name: `HOME` is near `HOST`. */
const SHORTEST = 8
/** A prefix that no setting has. */
const PREFIX = /^PLINTH_/i

/** What to tell about misspelt settings: one sentence for each, in the order of their names, and never a value. */
export function misspeltSettings(env: Environment): readonly string[] {
  const unset = Object.keys(SETTINGS).filter((name) => env[name] === undefined)
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && !Object.hasOwn(SETTINGS, name) && !isSecretFile(name))
    .toSorted()
    .flatMap((name) => {
      const bare = name.replace(PREFIX, '')
      const same = PREFIX.test(name) ? unset.find((one) => one === bare.toUpperCase()) : undefined
      const near = same ?? nearest(bare, unset)
      return near === undefined ? [] : [`${name} is not a setting and has no effect; did you mean ${near}?`]
    })
}

/** Whether a variable names the file of a secret setting. */
function isSecretFile(name: string): boolean {
  if (!name.endsWith(FILE_ENDING)) return false
  const of = name.slice(0, -FILE_ENDING.length)
  return Object.entries(SETTINGS).some(([setting, { secret }]) => setting === of && secret)
}

/** The one unset setting with at most two other characters. */
function nearest(name: string, unset: readonly string[]): string | undefined {
  const near = suggest(
    name,
    unset.filter((one) => one.length >= SHORTEST && Math.abs(one.length - name.length) <= 2),
  )
  return name.length >= SHORTEST - 1 ? near : undefined
}
