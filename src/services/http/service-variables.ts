/** Reads the environment variables that the integrations of a design name. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { unreachable } from '../../base/unreachable.ts'
import { issuerProblem } from '../../design/behaviour/backends.ts'
import { addressProblem } from '../../design/behaviour/services.ts'
import type { AcceptedBackend } from '../../model/http/accepted-backend.ts'
import { type Configured, type HttpService, type ServiceAuth, variablesOfService } from '../../model/http/http-service.ts'
import type { Model } from '../../model/model.ts'

/** Where the values come from, and how errors name a missing one. */
export interface VariablesSource {
  readonly env: Readonly<Record<string, string | undefined>>
  /** In production every variable must be set. In development, calls that need a missing one fail. */
  readonly mode: 'development' | 'production'
}

/**
 * Reads the variables. Empty ones count as missing.
 *
 * @throws EnvironmentError that names every missing or wrong variable, and never a value.
 */
export function variablesFor(
  { httpServices, acceptedBackends }: Pick<Model, 'httpServices' | 'acceptedBackends'>,
  { env, mode }: VariablesSource,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const problems = new Set<string>(issuerProblems(acceptedBackends, { env, mode }, values))
  for (const service of httpServices) {
    for (const name of variablesOfService(service)) {
      const value = env[name]
      if (value !== undefined && value !== '') values.set(name, value)
      else if (mode === 'production') problems.add(`${name} is not set, and the service ${service.name} needs it`)
    }
    for (const name of addressesOf(service)) {
      const problem = values.has(name) ? addressProblem(values.get(name) ?? '') : null
      if (problem !== null) problems.add(`${name} has no address of a service: ${problem}`)
    }
    for (const [name, { fits, says }] of textsOf(service.auth)) {
      const value = values.get(name)
      if (value !== undefined && !fits.test(value)) problems.add(`${name} cannot be sent to the service ${service.name}: ${says}`)
    }
  }
  if (problems.size > 0)
    throw new EnvironmentError([...problems].join('\n'), 'the variables are named under integrations.http of the design')
  return values
}

/** Reads the issuers of other backends into `values`, and says what is wrong with them. */
function issuerProblems(
  backends: readonly AcceptedBackend[],
  { env, mode }: VariablesSource,
  values: Map<string, string>,
): readonly string[] {
  const found = new Map<string, string>()
  return backends.flatMap(({ name, issuer }): readonly string[] => {
    const text = issuer.kind === 'stated' ? issuer.value : env[issuer.name]
    const named = issuer.kind === 'stated' ? issuer.value : issuer.name
    if (text === undefined || text === '') return mode === 'production' ? [`${named} is not set, and the backend ${name} needs it`] : []
    const problem = mode === 'production' ? issuerProblem(text) : addressProblem(text)
    if (problem !== null) return [`${named} has no address of a backend: ${problem}`]
    const plain = text.replace(/\/$/, '')
    const other = found.get(plain)
    if (other !== undefined) return [`${named} has the same address as ${other}, so their tokens could not be told apart`]
    found.set(plain, named)
    if (issuer.kind === 'variable') values.set(issuer.name, text)
    return []
  })
}

interface TextRule {
  readonly fits: RegExp
  readonly says: string
}

/** RFC 9110 section 5.5, without the characters from 0x80 on, whose encoding is not known to the receiver. */
const HEADER: TextRule = {
  fits: /^[!-~](?:[\t -~]*[!-~])?$/,
  says: 'it may have visible ASCII characters, with blanks between them; a line break at the end is a usual mistake',
}
/** RFC 7617 section 2. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused
const NO_CONTROLS: TextRule = { fits: /^[^\x00-\x1f\x7f]*$/, says: 'it has a line break or another control character' }
const USER: TextRule = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused
  fits: /^[^\x00-\x1f\x7f:]*$/,
  says: 'it has a colon, a line break or another control character',
}

/** The variables with texts of credentials, and what these may have. */
function textsOf(auth: ServiceAuth): readonly (readonly [name: string, rule: TextRule])[] {
  switch (auth.kind) {
    case 'none':
    case 'signed':
      return []
    case 'bearer':
      return [[auth.token, HEADER]]
    case 'header':
      return [[auth.value, HEADER]]
    case 'basic':
      return [
        [auth.user, USER],
        [auth.password, NO_CONTROLS],
      ]
    case 'oauth':
      return [
        [auth.client, NO_CONTROLS],
        [auth.secret, NO_CONTROLS],
      ]
    default:
      return unreachable(auth)
  }
}

/** The variables with addresses. */
function addressesOf({ baseUrl, auth }: HttpService): readonly string[] {
  const given: readonly (Configured | null)[] = [
    baseUrl,
    auth.kind === 'oauth' ? auth.tokenUrl : null,
    auth.kind === 'signed' ? auth.audience : null,
  ]
  return given.flatMap((one) => (one?.kind === 'variable' ? [one.name] : []))
}
