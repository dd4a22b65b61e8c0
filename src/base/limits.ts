/** The limits of one request. The reference documents list this table. */

/** The limits, by name. Units are in the comment of each row. */
export const LIMITS = {
  /** Bytes of a body. */
  bodyBytes: 1_048_576,
  /** Nesting of a JSON body. */
  bodyDepth: 32,
  /** Total keys and items of a JSON body. */
  bodyKeys: 10_000,
  /** Rows of one create. */
  bulkRows: 1_000,
  /** Passwords of one create: each is hashed, which takes processor time. */
  passwords: 100,
  /** Nested rows of one create, and their levels; an answer can include all of them. */
  nestedRows: 100,
  nestedDepth: 3,
  /** Operations of a transaction, and milliseconds for all of them. */
  transactionOperations: 50,
  transactionMs: 3_000,
  /** Rows of a page, and of each included to-many relation. */
  pageSizeDefault: 20,
  pageSizeMax: 100,
  /**
   * Characters of a cursor in an address: RFC 9110 section 4.1 recommends that every recipient supports addresses of at least this length.
   */
  cursor: 8_000,
  /** Conditions of all filters of a request, and steps over relations in them. */
  filterConditions: 100,
  filterSteps: 100,
  /** Characters of one value in a filter, and of a search. */
  filterText: 1_000,
  /** Items of `in` and `nin`. */
  filterItems: 500,
  sortKeys: 8,
  /** Relations in the path to a name, and levels of include. */
  relationDepth: 3,
  /** Total includes, and included rows of an answer, counted while it is made. */
  includes: 20,
  answerRows: 25_000,
  /**
   * Bytes of the JSON of an answer: of all operations of a transaction, and of all fields of a document. A page ends before it exceeds
   * them.
   */
  answerBytes: 16_777_216,
  /** Bytes of the JSON of a row, even if several requests wrote it. A page has room for some rows of this size. */
  rowBytes: 4_194_304,
  /** Different parameters of a query. */
  parameters: 200,
  /** Bytes and tokens of a GraphQL document. */
  graphqlBytes: 15_360,
  graphqlTokens: 1_000,
  /**
   * Levels of a document, with `edges` and its `node` counted as one, and levels of introspection. A page has two, its rows one more: so a
   * document reaches as deep as the relations that an answer of REST may include.
   */
  graphqlDepth: 9,
  graphqlIntrospectionDepth: 18,
  /** Aliases, fields, directives and root fields, with fragments expanded. */
  graphqlAliases: 15,
  graphqlFields: 500,
  graphqlDirectives: 30,
  graphqlRoots: 20,
  /** Milliseconds for a statement. */
  statementMs: 5_000,
  /** Milliseconds for all statements of a request together. */
  requestMs: 10_000,
  /** Bytes of all request headers. */
  headerBytes: 16_384,
  /** Reactions and jobs that may follow from a request one after the other, each caused by the one before. */
  workDepth: 100,
} as const
