/** The type of the position of a page. */

import { GraphQLBoolean, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql'

/** Makes the type. Each schema has its own. */
export function pageInfoType(): GraphQLObjectType {
  const flag = { type: new GraphQLNonNull(GraphQLBoolean) }
  return new GraphQLObjectType({
    name: 'PageInfo',
    description: 'The position of a page among all rows.',
    fields: {
      hasNextPage: { ...flag, description: 'There are rows after this page.' },
      endCursor: { type: GraphQLString, description: 'The `after` of the next page.' },
      hasPreviousPage: { ...flag, description: 'This page began after a cursor.' },
      startCursor: { type: GraphQLString },
    },
  })
}
