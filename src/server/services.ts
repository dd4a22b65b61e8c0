/** The list of services. The migration and the hourly deletion of expired rows use it. */

import type { Model } from '../model/model.ts'
import { brokerService } from '../services/broker/service.ts'
import { eventsService } from '../services/events/service.ts'
import { filesService } from '../services/files/service.ts'
import { idempotencyService } from '../services/idempotency/service.ts'
import { identityService } from '../services/identity/service.ts'
import { jobsService } from '../services/jobs/service.ts'
import { limitsService } from '../services/limits/service.ts'
import { mailService } from '../services/mail/service.ts'
import { numberingService } from '../services/numbering/service.ts'
import type { Service } from '../services/service.ts'
import { webhooksService } from '../services/webhooks/service.ts'

/** All services, in the order in which their tables are created. */
export const SERVICES: readonly Service[] = [
  identityService,
  idempotencyService,
  numberingService,
  eventsService,
  mailService,
  jobsService,
  webhooksService,
  filesService,
  brokerService,
  limitsService,
]

/** The services that a backend of this model has. */
export function servicesOf(model: Model): readonly Service[] {
  return SERVICES.filter((service) => service.isUsedBy(model))
}
