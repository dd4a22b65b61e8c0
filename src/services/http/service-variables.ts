/** Reads the environment variables that the integrations of a design name. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { addressProblem } from '../../design/behaviour/services.ts'
import { type Configured, type HttpService, variablesOf } from '../../model/http/http-service.ts'
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
export function variablesFor({ httpServices }: Pick<Model, 'httpServices'>, { env, mode }: VariablesSource): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const problems = new Set<string>()
  for (const service of httpServices) {
    for (const name of variablesOf(service)) {
      const value = env[name]
      if (value !== undefined && value !== '') values.set(name, value)
      else if (mode === 'production') problems.add(`${name} is not set, and the service ${service.name} needs it`)
    }
    for (const name of addressesOf(service)) {
      const problem = values.has(name) ? addressProblem(values.get(name) ?? '') : null
      if (problem !== null) problems.add(`${name} has no address of a service: ${problem}`)
    }
  }
  if (problems.size > 0)
    throw new EnvironmentError([...problems].join('\n'), 'the variables are named under integrations.http of the design')
  return values
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
