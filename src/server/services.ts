/** The services of a backend: the one list that the migration and the hourly cleaning go through. */

import type { Model } from '../model/model.ts'
import { idempotencyService } from '../services/idempotency/service.ts'
import { identityService } from '../services/identity/service.ts'
import type { Service } from '../services/service.ts'

/** Every service there is, in the order in which their tables are created. */
export const SERVICES: readonly Service[] = [identityService, idempotencyService]

/** The services that a backend of this model has. */
export function servicesOf(model: Model): readonly Service[] {
  return SERVICES.filter((service) => service.isUsedBy(model))
}
