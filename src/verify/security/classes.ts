/** The classes of faults, what they are in the lists of OWASP, and which designs can have them. */

import type { Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'

/** What is known of a class. */
interface ClassFacts {
  readonly what: string
  readonly owasp: string
  /** Why a design cannot have such a fault; null if it can. */
  readonly without: (model: Model) => string | null
}

const always = (): null => null

/** A condition on the design, and what the report says where it does not hold. */
function needs(holds: (model: Model) => boolean, why: string): ClassFacts['without'] {
  return (model) => (holds(model) ? null : why)
}

const accounts = needs(({ identity }) => identity !== null, 'the design has no accounts')
const creates = needs(
  ({ entities, actions }) => actions.length > 0 || entities.some(({ access }) => !isNever(access.create)),
  'nobody may create a row',
)
const deletes = needs(({ entities }) => entities.some(({ access }) => !isNever(access.delete)), 'nobody may delete a row')
const writes = needs(
  ({ entities, actions }) =>
    actions.length > 0 || entities.some(({ access }) => ![access.create, access.update.from, access.delete].every(isNever)),
  'nobody may write a row',
)
const rules = needs(
  ({ entities }) =>
    entities.some(({ access }) => [access.read, access.create, access.update.from, access.delete].some(({ kind }) => kind !== 'const')),
  'no operation depends on its caller',
)

/** Whether a caller can name an address to which the backend sends something. */
export function namesAddresses({ webhooks, entities }: Model): boolean {
  return webhooks.length > 0 || entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'scalar' && type.scalar === 'url'))
}

/** The sixteen classes of faults of Web APIs (Web Fuzzing Commons), by their codes. */
export const SECURITY_CLASSES = {
  F100: { what: 'an error of the server', owasp: 'API8', without: always },
  F101: { what: 'an answer that differs from its schema', owasp: 'API9', without: always },
  F102: { what: 'success with wrong data', owasp: 'API8', without: writes },
  F103: { what: 'a row that is there after its deletion', owasp: 'API1', without: deletes },
  F104: { what: 'a refused creation that leaves something', owasp: 'API8', without: creates },
  F200: { what: 'injection into SQL', owasp: 'API8', without: always },
  F201: { what: 'scripts in answers', owasp: 'API8', without: always },
  F202: {
    what: 'requests to addresses that a caller names',
    owasp: 'API7',
    without: needs(
      (model) => namesAddresses(model) || model.identity !== null,
      'no field is an address, nothing is sent to addresses of callers, and there are no tokens',
    ),
  },
  F203: { what: 'fields that a body may not set', owasp: 'API3', without: writes },
  F204: { what: 'whether a hidden row exists', owasp: 'API1', without: rules },
  F205: { what: 'a caller who is not recognised', owasp: 'API2', without: accounts },
  F206: { what: 'an operation without authorisation', owasp: 'API5', without: rules },
  F207: { what: 'an operation open without sign-in', owasp: 'API2', without: accounts },
  F208: { what: 'a change by an anonymous caller', owasp: 'API5', without: always },
  F209: { what: 'errors that show how the backend is made', owasp: 'API8', without: always },
  F210: { what: 'addresses that no document names', owasp: 'API9', without: always },
} as const satisfies Record<string, ClassFacts>

/** A class of faults. */
export type SecurityClass = keyof typeof SECURITY_CLASSES

/** OWASP API Security Top 10 (2023). */
export const OWASP_API: Readonly<Record<string, string>> = {
  API1: 'rows of others (broken object level authorization)',
  API2: 'sign-in (broken authentication)',
  API3: 'fields of rows (broken object property level authorization)',
  API4: 'use of resources without limits',
  API5: 'operations (broken function level authorization)',
  API6: 'sensitive flows without limits',
  API7: 'requests to addresses that a caller names (server-side request forgery)',
  API8: 'settings that open something (security misconfiguration)',
  API9: 'versions and addresses that no document names (improper inventory management)',
  API10: 'answers of other systems that are trusted',
}
