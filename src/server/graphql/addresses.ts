/** Where GraphQL is: documents, and in development the schema as text. */

export const GRAPHQL_PATH = '/graphql'
export const SCHEMA_PATH = '/graphql/schema'
