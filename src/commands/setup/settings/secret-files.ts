/**
 * Secrets in files: `NAME_FILE` names a file that has the value of `NAME`. Orchestrators put secrets there, where other processes of the
 * machine cannot see them as they see an environment.
 */

import { readFileSync } from 'node:fs'
import type { Environment } from '../../terminal/environment.ts'

/** The ending of the variable that names the file of a secret. */
export const FILE_ENDING = '_FILE'

/** The value of a variable, and where it was. */
export interface FoundValue {
  /** Undefined if the variable is unset or empty, and if its file cannot be used. */
  readonly value: string | undefined
  readonly from: 'environment' | 'file' | null
  /** What is wrong, as a sentence without the value; null for nothing. */
  readonly problem: string | null
}

/** Longer files are not secrets, but mistakes. */
const MOST_CHARACTERS = 100_000

/** Finds a value in the environment. */
export function findValue(env: Environment, name: string): FoundValue {
  const value = env[name] === '' ? undefined : env[name]
  return { value, from: value === undefined ? null : 'environment', problem: null }
}

/** Finds a secret in the environment, or in the file that `NAME_FILE` names. Line breaks at the end of a file do not count. */
export function findSecret(env: Environment, name: string): FoundValue {
  const found = findValue(env, name)
  const fileName = `${name}${FILE_ENDING}`
  const path = env[fileName] ?? ''
  if (path === '') return found
  const wrong = (problem: string): FoundValue => ({ value: undefined, from: 'file', problem })
  if (found.value !== undefined) return wrong(`${name} and ${fileName} are both set; unset one of them`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return wrong(`${fileName} names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const value = text.replace(/[\r\n]+$/, '')
  if (value === '') return wrong(`${fileName} names an empty file`)
  if (value.length > MOST_CHARACTERS) return wrong(`${fileName} names a file that is too long for a secret`)
  return { value, from: 'file', problem: null }
}

/** The environment with the values of these variables that are in files, and what is wrong with them. */
export function withSecretFiles(
  env: Environment,
  names: readonly string[],
): { readonly env: Environment; readonly problems: readonly string[] } {
  const found = names.map((name) => [name, findSecret(env, name)] as const)
  const values = found.flatMap(([name, { value, from }]) => (from === 'file' ? [[name, value] as const] : []))
  return {
    env: values.length === 0 ? env : { ...env, ...Object.fromEntries(values) },
    problems: found.flatMap(([, { problem }]) => (problem === null ? [] : [problem])),
  }
}
