/** The types of `ctx.services`. */

import type { Model } from '../../model/model.ts'
import { clientTypes } from './client-types.ts'

/** The declaration of the services of a design; none without services. */
export interface ServiceTypes {
  /** The names of the types of the package that it uses. */
  readonly uses: readonly string[]
  readonly members: readonly (readonly [name: string, type: string])[]
  /** The declarations to which the members refer. */
  readonly lines: readonly string[]
  /** The type argument for services. */
  readonly argument: string
}

/** The type of each service, by name. */
export function serviceTypes({ httpServices }: Model): ServiceTypes {
  const clients = new Map(
    httpServices.flatMap((service) => {
      const types = clientTypes(service)
      return types === null ? [] : [[service.name, types] as const]
    }),
  )
  const memberOf = (name: string): string => {
    const types = clients.get(name)
    return types === undefined ? 'ServiceClient' : `ServiceClient & ${types.name}`
  }
  return {
    uses: httpServices.length === 0 ? [] : ['ServiceClient', ...(clients.size === 0 ? [] : ['OperationOptions'])],
    members: httpServices.map(({ name }) => [name, memberOf(name)] as const),
    lines: [...clients.values()].flatMap(({ lines }) => lines),
    argument: httpServices.length === 0 ? '' : ', Services',
  }
}

/** The type arguments at the end of the context of code, each with a comma before it; empty for none. */
export interface OwnArguments {
  readonly jobInputs: string
  /** Only for code that opens its transaction itself. */
  readonly services: string
}

/** The type arguments at the end of a context. */
export function argumentsOf({ jobInputs, services }: OwnArguments, isOwn: boolean): string {
  if (!isOwn || services === '') return jobInputs
  return `${jobInputs === '' ? ', Record<never, never>' : jobInputs}${services}`
}
