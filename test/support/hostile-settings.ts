/** Settings of a database that change the meaning of values, definitions and statements. */

/** Each setting with a value far from the usual one. All can be set by the owner of the database. */
export const HOSTILE_SETTINGS = {
  TimeZone: 'Pacific/Apia',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  extra_float_digits: '0',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
  backslash_quote: 'on',
  array_nulls: 'off',
  transform_null_equals: 'on',
  xmloption: 'document',
  xmlbinary: 'hex',
  gin_fuzzy_search_limit: '1',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  default_transaction_read_only: 'on',
  statement_timeout: '400',
  lock_timeout: '50',
  transaction_timeout: '400',
  idle_in_transaction_session_timeout: '400',
  idle_session_timeout: '400',
  client_min_messages: 'debug1',
} as const satisfies Readonly<Record<string, string>>

/** Functions of the same names as those of PostgreSQL, in a schema that is searched before `pg_catalog`. */
const FUNCTIONS = [
  ['now()', 'timestamptz'],
  ['lower(text)', 'text'],
  ['char_length(text)', 'integer'],
  ['set_config(text, text, boolean)', 'text'],
  ['current_setting(text)', 'text'],
  ['to_regclass(text)', 'regclass'],
  ['format_type(oid, integer)', 'text'],
] as const

/** Returns the statements that give a database hostile settings. The settings hold for sessions that begin afterwards. */
export function hostileStatements(database: string): readonly string[] {
  const settings = Object.entries(HOSTILE_SETTINGS).map(([name, value]) => alter(database, name, `''${value}''`))
  return [
    'create schema hostile',
    ...FUNCTIONS.map(([signature, type]) => `create function hostile.${signature} returns ${type} language sql as 'select null::${type}'`),
    ...settings,
    alter(database, 'search_path', 'hostile, pg_catalog, public'),
    ...['en_US.UTF-8', 'C'].map((locale) => alter(database, 'lc_messages', `''${locale}''`)),
  ]
}

/** Leaves out settings that the server does not have or that only a superuser may set. */
function alter(database: string, name: string, value: string): string {
  return `do $$ begin execute 'alter database ${database} set ${name} = ${value}';
    exception when insufficient_privilege or undefined_object or invalid_parameter_value then null; end $$`
}
