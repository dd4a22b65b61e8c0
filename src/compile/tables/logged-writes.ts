/** The writes of an entity that are events: triggers log them, whichever statement writes the rows. */

import type { LoggedWrite, Table } from '../../model/database.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isSecretField } from '../../model/privacy/sealed.ts'
import { HAPPENINGS, type Happening } from '../../model/reaction.ts'
import { SEARCH_COLUMN } from './columns.ts'

/** The writes of an entity to log, with the arguments of the function `log_events`; nothing for an entity without reactions to writes. */
export function loggedWrites({ events }: Model, entity: Entity): Pick<Table, 'logged'> {
  const happenings = HAPPENINGS.filter((one) => events.some((event) => event.entity === entity.name && event.happening === one))
  const logged = WRITES.flatMap((write): readonly LoggedWrite[] => {
    const possible = happeningsOf(write, entity).filter((one) => happenings.includes(one))
    return possible.length === 0 ? [] : [{ write, arguments: argumentsFor(entity, possible) }]
  })
  return logged.length === 0 ? {} : { logged }
}

const WRITES = ['insert', 'update', 'delete'] as const satisfies readonly LoggedWrite['write'][]

/** What a write of the table can be. With `softDelete`, a row is deleted by an update. */
function happeningsOf(write: LoggedWrite['write'], { softDelete }: Entity): readonly Happening[] {
  if (write === 'update') return softDelete ? ['updated', 'deleted'] : ['updated']
  return write === 'insert' ? ['created'] : ['deleted']
}

/** The name of the entity, the columns that no event has, the happenings, and the column that marks deleted rows. */
function argumentsFor(entity: Entity, happenings: readonly Happening[]): readonly string[] {
  const deleted = entity.fields.find(({ system }) => system === 'deletedAt')?.column ?? ''
  return [entity.name, unloggedColumns(entity), arrayText(happenings), deleted]
}

/** The columns that no event has, as an array of PostgreSQL: passwords, tokens, and what the search reads. */
export function unloggedColumns({ fields, search }: Entity): string {
  const secret = fields.filter((field) => isSecretField(field)).map(({ column }) => column)
  return arrayText([...secret, ...(search === null ? [] : [SEARCH_COLUMN])])
}

/** An array of names as PostgreSQL reads it. */
function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`
}
