/** Texts for events of the embedded server and of migrations. */

import { unreachable } from '../../base/unreachable.ts'
import type { EmbeddedEvent } from '../../postgres/embedded/event.ts'
import type { MigrationEvent } from '../../postgres/migrate/migration-event.ts'
import { seconds } from './layout.ts'
import type { Style } from './style.ts'

/** Returns the text for an event of the embedded server; empty for events that are not shown. */
export function describeEmbedded(event: EmbeddedEvent, style: Style): string {
  switch (event.kind) {
    case 'copying':
      return style.dim(`database: copying PostgreSQL to ${event.to}`)
    case 'initialising':
      return style.dim(`database: first start, creating ${event.folder}`)
    case 'recovering':
      return style.dim('database: recovering after a crash')
    case 'starting':
      return ''
    case 'attached':
      return style.dim(`database: using the PostgreSQL that runs already (process ${event.pid})`)
    case 'ready':
      return style.dim(`database: PostgreSQL ready in ${seconds(event.ms)}`)
    case 'restarted':
      return style.yellow(`database: PostgreSQL had stopped and was restarted (process ${event.pid})`)
    case 'disk-full':
      return style.red(`database: the disk with ${event.folder} is full, so PostgreSQL has stopped; it starts again when there is room`)
    case 'lost':
      return style.red(`database: lost (${event.reason})`)
    default:
      return unreachable(event)
  }
}

/** Steps that took this long are shown. */
const NOTICEABLE_MS = 500

/** Returns the text for an event of a migration; empty for events that are not shown. */
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
