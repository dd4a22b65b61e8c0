/**
 * The settings of every session of Plinth. A server, a database or a role may have other settings. Then PostgreSQL would print values
 * and definitions in a form that Plinth cannot compare, or would read statements with another meaning.
 */

/** Settings that change how values and definitions are printed, or how statements are read. All of them exist in PostgreSQL 15. */
export const FORM_SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'iso_8601',
  // The shortest digits that read back as the same double; with less, a limit of a `number` field would be printed out of range.
  extra_float_digits: '1',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  array_nulls: 'on',
  transform_null_equals: 'off',
  xmloption: 'content',
  xmlbinary: 'base64',
  // With a limit, a search would leave out rows at random.
  gin_fuzzy_search_limit: '0',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
} as const satisfies Readonly<Record<string, string>>

/**
 * Further settings of a session that migrates or works outside requests. Its statements have their own limits, and a database that is
 * read-only by default can be migrated too.
 */
export const WORK_SETTINGS = {
  ...FORM_SETTINGS,
  // Without "$user": a role named plinth would see Plinth's own tables first.
  search_path: 'public',
  default_transaction_read_only: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  client_min_messages: 'warning',
} as const satisfies Readonly<Record<string, string>>

/**
 * How statements of requests are planned. Each is planned once, because planning most statements costs more than running them. No best
 * plan depends on a value, because limits are part of the text, and a page is read in the order of its index: a random read costs as
 * much as on a solid-state disk or in memory. With the costs of a rotating disk, PostgreSQL reads *all* rows of a key and sorts them
 * where it expects few, and some keys have many.
 */
export const PLANNER_SETTINGS = {
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
  random_page_cost: '1.1',
} as const satisfies Readonly<Record<string, string>>

/**
 * Returns the statements that set settings. Those that the server does not have are left out (`transaction_timeout` came with
 * PostgreSQL 17). Names in the statements are qualified, because a schema on the search path may hold functions of the same names.
 */
export function settingStatements(settings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(settings).map(([name, value]) => `('${name}', '${value}')`)
  return [
    'set search_path = pg_catalog',
    'set statement_timeout = 0',
    `select set_config(given.name, given.value, false) from (values ${rows.join(', ')}) as given (name, value)
     where current_setting(given.name, true) is not null`,
  ].join(';\n')
}
