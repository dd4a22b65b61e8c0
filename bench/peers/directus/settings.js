/**
 * Settings of Directus: one production process, with nothing switched on that the benchmark does not use. Its rate limits are off, since
 * the benchmark measures its highest rate.
 */

/** Environment variables of Directus. */
export const settings = {
  DB_CLIENT: 'pg',
  DB_CONNECTION_STRING: process.env.DATABASE_URL,
  DB_POOL__MAX: '10',
  // PostgreSQL would prefer the schema that has the role's own name.
  DB_SEARCH_PATH: 'public',
  SECRET: process.env.JWT_SECRET,
  LOG_LEVEL: 'warn',
  TELEMETRY: 'false',
  // By default Directus copies the schema for every request.
  CACHE_SCHEMA_FREEZE_ENABLED: 'true',
  CACHE_ENABLED: 'false',
  RATE_LIMITER_ENABLED: 'false',
  PRESSURE_LIMITER_ENABLED: 'false',
  SERVE_APP: 'false',
  AI_ENABLED: 'false',
  MCP_ENABLED: 'false',
  WEBSOCKETS_ENABLED: 'false',
  // Nothing is uploaded or extended, but both folders must exist.
  STORAGE_LOCAL_ROOT: 'node_modules/.directus/uploads',
  EXTENSIONS_PATH: 'node_modules/.directus/extensions',
}
