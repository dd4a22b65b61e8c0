/** The options that name an environment which exists: its address and the tokens of callers. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { EnvironmentError } from '../../../base/environment-error.ts'
import type { Io } from '../../terminal/command.ts'
import { UsageError } from '../../terminal/usage-error.ts'

/** An environment to ask. */
export interface OtherEnvironment {
  /** The address without credentials, query and fragment. */
  readonly url: string
  /** The tokens by the names that were given with them. */
  readonly tokens: ReadonlyMap<string, string>
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/
const TOKEN_HINT = 'write --token admin=env:ADMIN_TOKEN, or --token admin=file:admin.token'

/**
 * Reads the options. Tokens come from variables or files, because other users of a machine can see the arguments of its processes.
 *
 * @throws UsageError for an address or a token that is not usable; EnvironmentError for a variable or a file that is not there.
 */
export function otherEnvironment(against: string, tokens: readonly string[], io: Pick<Io, 'cwd' | 'env'>): OtherEnvironment {
  const url = addressOf(against)
  const read = new Map<string, string>()
  for (const text of tokens) {
    const [, kind, from, name] = /^([A-Za-z][\w-]{0,39})=(env|file):(.+)$/s.exec(text) ?? []
    // The text may be a token, so the message does not repeat it.
    if (kind === undefined || name === undefined) throw new UsageError('a --token has another form', TOKEN_HINT)
    if (kind === 'anonymous' || read.has(kind)) throw new UsageError(`--token names ${kind} twice, or a caller without a token`, TOKEN_HINT)
    read.set(kind, from === 'env' ? fromVariable(name, io) : fromFile(name, io))
  }
  if (url.protocol === 'http:' && read.size > 0 && !LOOPBACK.test(url.hostname))
    throw new UsageError('tokens would be readable on the way to an address with http', 'name an address with https')
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, tokens: read }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError('--against has no address of a backend', 'write it as https://api.example.com')
  if (url.username !== '' || url.password !== '')
    throw new UsageError('the address of --against has a user or a password', `leave them out; ${TOKEN_HINT}`)
  if (url.search !== '' || url.hash !== '')
    throw new UsageError('the address of --against has a query or a fragment', 'write it as https://api.example.com')
  return url
}

function fromVariable(name: string, { env }: Pick<Io, 'env'>): string {
  const token = (env[name] ?? '').trim()
  if (token === '') throw new EnvironmentError(`the variable ${name} has no token`, `set it: ${name}=… plinth verify …`)
  return checked(token, `the variable ${name}`)
}

function fromFile(name: string, { cwd }: Pick<Io, 'cwd'>): string {
  try {
    return checked(readFileSync(resolve(cwd, name), 'utf8').trim(), name)
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    throw new EnvironmentError(`the token in ${name} cannot be read`, 'name a file that has the token and nothing else', { cause: error })
  }
}

/** A token as it may stand in a header. */
function checked(token: string, place: string): string {
  if (/^[\x21-\x7e]{1,8000}$/.test(token)) return token
  throw new EnvironmentError(`${place} has no token`, 'it must have the access token and nothing else')
}
