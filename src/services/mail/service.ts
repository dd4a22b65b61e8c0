/** Mails as a service of a backend. */

import { mailsOf } from '../../model/reaction.ts'
import type { Service } from '../service.ts'
import { sweepMails } from './claims.ts'
import { mailTables } from './tables.ts'

/** The mails that were sent. A backend whose design sends mails has this service. */
export const mailService: Service = {
  name: 'mail',
  isUsedBy: (model) => mailsOf(model).length > 0,
  tables: mailTables,
  sweep: ({ run }) => sweepMails(run),
}
