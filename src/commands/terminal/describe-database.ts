/** The words for what the database reports: the embedded server, and a migration. */

import { unreachable } from '../../base/unreachable.ts'
import type { EmbeddedEvent } from '../../postgres/embedded/event.ts'
import type { MigrationEvent } from '../../postgres/migrate/migration-event.ts'
import { seconds } from './layout.ts'
import type { Style } from './style.ts'

/** An event of the embedded server; empty for what a person need not know. */
export function describeEmbedded(event: EmbeddedEvent, style: Style): string {
  switch (event.kind) {
    case 'copying':
      return style.dim(`database: copying PostgreSQL to ${event.to}`)
    case 'initialising':
      return style.dim(`database: first start, making ${event.folder}`)
    case 'recovering':
      return style.dim('database: recovering from an unclean stop')
    case 'starting':
      return ''
    case 'attached':
      return style.dim(`database: sharing the PostgreSQL that runs already (process ${event.pid})`)
    case 'ready':
      return style.dim(`database: PostgreSQL ready in ${seconds(event.ms)}`)
    case 'restarted':
      return style.yellow(`database: PostgreSQL had stopped and runs again (process ${event.pid})`)
    case 'lost':
      return style.red(`database: lost (${event.reason})`)
    default:
      return unreachable(event)
  }
}

/** A step is worth a line when somebody has waited for it. */
const NOTICEABLE_MS = 500

/** An event of a migration; empty for what a person need not know. */
export function describeMigration(event: MigrationEvent, style: Style): string {
  switch (event.kind) {
    case 'waiting-for-another':
      return style.dim('migration: another process migrates this database; waiting for it')
    case 'waiting-for-lock':
      return style.dim(`migration: ${event.statement.description}: the table is in use, trying again (${event.attempt})`)
    case 'statement-finished':
      return event.ms < NOTICEABLE_MS
        ? ''
        : style.dim(`migration: ${event.index + 1}/${event.of} ${event.statement.description} (${seconds(event.ms)})`)
    case 'kept':
      return style.yellow(`migration: stays: ${event.what.description}`)
    case 'comparing':
    case 'counting-rows':
    case 'statement-started':
    case 'finished':
      return ''
    default:
      return unreachable(event)
  }
}
