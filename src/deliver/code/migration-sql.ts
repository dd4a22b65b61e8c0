/** The migration of an empty database as files of SQL, for people who review it. */

import type { MigrationPlan, MigrationStatement } from '../../postgres/migrate/migration-plan.ts'

/** The text of a file. It runs in psql. @param about what the statements make. */
export function migrationSql(about: string, { statements }: MigrationPlan): string {
  const [together, alone] = [statements.filter(({ transactional }) => transactional), statements.filter((one) => !one.transactional)]
  return [
    `-- ${about}, as PostgreSQL 15 or newer gets them when its database is empty. This file is for review: \`plinth migrate\` runs the same`,
    '-- statements and keeps a record of them. It also makes the steps from one design to the next; `plinth migrate --dry-run` prints them.',
    '',
    'begin;',
    '',
    ...together.flatMap(lines),
    'commit;',
    ...(alone.length === 0 ? [] : ['', '-- Each of these runs outside of a transaction.', '', ...alone.flatMap(lines)]),
    '',
  ].join('\n')
}

function lines({ sql, description, hazards }: MigrationStatement): readonly string[] {
  const said = hazards.length === 0 ? description : `${description} (${hazards.join(', ')})`
  const text = sql.trimEnd()
  return [`-- ${said.replaceAll('\n', ' ')}`, text.endsWith(';') ? text : `${text};`, '']
}
