/** The environment variables that the integrations of a design name. */

import type { Model } from '../model/model.ts'
import { brokerVariables } from '../services/broker/broker-variables.ts'
import { type VariablesSource, variablesFor } from '../services/http/service-variables.ts'

/**
 * Reads the variables of services and of the broker. Empty ones count as missing.
 *
 * @throws EnvironmentError that names missing and wrong variables, and never a value.
 */
export function integrationVariables(model: Model, source: VariablesSource): ReadonlyMap<string, string> {
  return new Map([...variablesFor(model, source), ...brokerVariables(model.broker, source)])
}
