/** Makes the client of a service from its OpenAPI document. */

import { isObject } from '../../base/is-object.ts'
import type { ServiceClientModel, ServiceOperation } from '../../model/http/service-client.ts'
import { operationPlaces, readOperation } from './operations.ts'
import { type ClientReading, reportAt, UnusablePart } from './reading.ts'
import { openSchemas } from './schemas.ts'

/** The functions that every client has. */
const TAKEN: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'request', 'then', '__proto__'])
const MAX_OPERATIONS = 1_000

/**
 * Reads a document (OpenAPI 3.0 or 3.1). Operations that code could not call are left out, with a warning at their place; null, with an
 * error, for a document that has none. Never throws.
 */
export function readClient(reading: ClientReading): ServiceClientModel | null {
  const { value } = reading.document
  const version = isObject(value) ? value.openapi : undefined
  if (!isObject(value) || typeof version !== 'string' || !/^3\.[01]\.\d+/.test(version)) {
    reportAt(reading, 'PLN-D679', ['openapi'], ['expected an OpenAPI document of version 3.0 or 3.1', 'convert the document to it'])
    return null
  }
  try {
    return clientOf(reading, value)
  } catch (error) {
    if (!(error instanceof UnusablePart)) throw error
    reportAt(reading, 'PLN-D679', error.path, [error.message])
    return null
  }
}

function clientOf(reading: ClientReading, value: Readonly<Record<string, unknown>>): ServiceClientModel | null {
  const schemas = openSchemas(reading)
  const operations = new Map<string, ServiceOperation>()
  const places = operationPlaces(reading, { value, path: [] })
  if (places.length > MAX_OPERATIONS) throw new UnusablePart(`more than ${MAX_OPERATIONS} operations`, ['paths'])
  for (const place of places) {
    const { name, part } = place
    const at = [...part.path, 'operationId']
    if (TAKEN.has(name))
      reportAt(reading, 'PLN-D688', at, [`${name} is a function of every client`, 'give the operation another operationId'])
    else if (operations.has(name))
      reportAt(reading, 'PLN-D688', at, [`two operations are called ${name}`, 'give each operation its own operationId'])
    else {
      const operation = usable(reading, () => readOperation({ ...reading, schemas }, place))
      if (operation !== null) operations.set(name, operation)
    }
  }
  if (operations.size === 0) throw new UnusablePart('the document has no operation that code can call', ['paths'])
  return { operations: [...operations.values()], schemas: schemas.schemas }
}

/** The operation; null, with a warning, if code could not call it. */
function usable(reading: ClientReading, read: () => ServiceOperation): ServiceOperation | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnusablePart)) throw error
    reportAt(reading, 'PLN-D688', error.path, [error.message])
    return null
  }
}
