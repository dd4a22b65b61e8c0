/** The types of `ctx.services`. */

import type { Model } from '../../model/model.ts'

/** The declaration of the services of a design; none without services. */
export interface ServiceTypes {
  /** The names of the types of the package that it uses. */
  readonly uses: readonly string[]
  readonly members: readonly (readonly [name: string, type: string])[]
  /** The type argument for services. */
  readonly argument: string
}

/** The type of each service, by name. */
export function serviceTypes({ httpServices }: Model): ServiceTypes {
  return {
    uses: httpServices.length === 0 ? [] : ['ServiceClient'],
    members: httpServices.map(({ name }) => [name, 'ServiceClient'] as const),
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
