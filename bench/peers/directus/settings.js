/**
 * How Directus is set up: one process for production, with nothing switched on that the benchmark does not ask for. Its request limits are off, since it is
 * asked for all it can do.
 */

export const settings = {
  DB_CLIENT: 'pg',
  DB_CONNECTION_STRING: process.env.DATABASE_URL,
  DB_POOL__MAX: '10',
  // There is a schema of the role's own name, which PostgreSQL would prefer.
  DB_SEARCH_PATH: 'public',
  SECRET: process.env.JWT_SECRET,
  LOG_LEVEL: 'warn',
  TELEMETRY: 'false',
  // A new copy of the schema for every request is the default.
  CACHE_SCHEMA_FREEZE_ENABLED: 'true',
  CACHE_ENABLED: 'false',
  RATE_LIMITER_ENABLED: 'false',
  PRESSURE_LIMITER_ENABLED: 'false',
  SERVE_APP: 'false',
  AI_ENABLED: 'false',
  MCP_ENABLED: 'false',
  WEBSOCKETS_ENABLED: 'false',
  // Nothing is uploaded and nothing is extended, but both folders must be there.
  STORAGE_LOCAL_ROOT: 'node_modules/.directus/uploads',
  EXTENSIONS_PATH: 'node_modules/.directus/extensions',
}
