/** The error of a start on a database that has not the schema of the design. */

import { EnvironmentError } from '../base/environment-error.ts'
import type { MigrationOutcome } from '../postgres/migrate/migrate.ts'

/** A migration that was planned and not run. */
type NotRun = Extract<MigrationOutcome, { readonly kind: 'planned' | 'refused' }>

/**
 * The database needs a migration that was not asked for, or that needs leave. Nothing was changed. `message` lists the
 * steps, `hint` says what to do.
 */
export class DatabaseOutdatedError extends EnvironmentError {
  /** What would be done, in the order of the plan. */
  readonly steps: readonly string[]
  /** What stands against it: steps that need leave, and rows that a step would not accept. */
  readonly obstacles: readonly string[]

  constructor({ plan, problems }: NotRun) {
    const steps = plan.statements.map(({ description }) => description)
    const obstacles = [
      ...plan.blocked.map(({ description, hazard, hint }) => `${description} (${hazard}); to allow it: ${hint}`),
      ...problems.map(({ description, complaint, remedy }) => `${description}: ${complaint}; ${remedy}`),
    ]
    super(
      describe(steps, obstacles),
      obstacles.length === 0 ? HINT : 'look at the steps with plinth migrate --dry-run, then run plinth migrate',
    )
    this.name = 'DatabaseOutdatedError'
    this.steps = steps
    this.obstacles = obstacles
  }
}

const HINT = "run plinth migrate, or start with migrate: 'apply'"

/** Steps beyond these are counted. */
const SHOWN = 10

function describe(steps: readonly string[], obstacles: readonly string[]): string {
  const more = steps.length - SHOWN
  return [
    `the database is not up to date: ${steps.length} step${steps.length === 1 ? '' : 's'} to do`,
    ...steps.slice(0, SHOWN).map((step) => `  ${step}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...obstacles.map((obstacle) => `in the way: ${obstacle}`),
    obstacles.length === 0 ? HINT : 'the database was not changed',
  ].join('\n')
}
