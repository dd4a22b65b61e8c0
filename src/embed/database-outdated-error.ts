/** The error of a start when the database does not have the schema of the design. */

import { EnvironmentError } from '../base/environment-error.ts'
import type { MigrationOutcome } from '../postgres/migrate/migrate.ts'

/** A migration that was planned but not run. */
type NotRun = Extract<MigrationOutcome, { readonly kind: 'planned' | 'refused' }>

/**
 * The database needs a migration that was not requested, or that has steps which must be allowed. Nothing was changed. `message` lists the
 * steps, `hint` says what to do.
 */
export class DatabaseOutdatedError extends EnvironmentError {
  /** The steps of the migration, in the order of the plan. */
  readonly steps: readonly string[]
  /** The reasons not to migrate: steps that must be allowed, and rows that a step would fail on. */
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

/** The maximum number of listed steps; the rest are counted. */
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
