/** How the transaction of an action runs. */

import type { TransactionOptions } from '../../base/sql/statement.ts'
import type { Action } from '../../model/action.ts'

/** The isolation and the access of the transaction of an action. A transaction around it runs with the same. */
export function transactionOf({ isolation, reads }: Action): Pick<TransactionOptions, 'isolation' | 'access'> {
  return { isolation, access: reads ? 'read only' : undefined }
}
