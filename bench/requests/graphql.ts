/** The blog's operations in GraphQL, in the names of Plinth and of PostGraphile. Aliases make their answers equal. */

import type { Caller, GraphqlDialect, Request } from './request.ts'

interface Document {
  readonly query: string
  readonly variables: object
}

interface Vocabulary {
  get(id: string): Document
  list(author: string): Document
  create(post: object, author: string): Document
  update(id: string, change: object): Document
  tree(): Document
  branch(author: string): Document
}

const PLAIN = 'title body tags published createdAt updatedAt version'
const USER = 'name role createdAt updatedAt version'
const PAGE = 'pageInfo{hasNextPage endCursor}'

const NEWEST: Readonly<Record<GraphqlDialect, string>> = {
  graphql: 'first:10,orderBy:[{createdAt:DESC}]',
  postgraphile: 'first:10,orderBy:[CREATED_AT_DESC,PRIMARY_KEY_DESC]',
}

/** The ten newest posts of a user, and ten comments on each. */
const BRANCHES: Readonly<Record<GraphqlDialect, string>> = {
  graphql: `posts(${NEWEST.graphql}){nodes{id title createdAt comments(${NEWEST.graphql}){nodes{id text createdAt authorId}}}}`,
  postgraphile:
    `posts:postsByAuthorId(${NEWEST.postgraphile}){nodes{id:rowId title createdAt ` +
    `comments:commentsByPostId(${NEWEST.postgraphile}){nodes{id:rowId text createdAt authorId}}}}`,
}

/** The documents of each interface. */
export const VOCABULARIES: Readonly<Record<GraphqlDialect, Vocabulary>> = {
  graphql: {
    get: (id) => ({ query: `query($id:UUID!){post(id:$id){id ${PLAIN} authorId}}`, variables: { id } }),
    list: (author) => ({
      query:
        'query($author:UUID!){posts(filter:{authorId:{eq:$author}},orderBy:[{createdAt:DESC}],first:10)' +
        `{nodes{id ${PLAIN} author{id email ${USER}}} ${PAGE}}}`,
      variables: { author },
    }),
    create: (post) => ({
      query: `mutation($post:CreatePostInput!){createPost(input:$post){post{id ${PLAIN} authorId}}}`,
      variables: { post },
    }),
    update: (id, change) => ({
      query: `mutation($id:UUID!,$change:UpdatePostInput!){updatePost(id:$id,input:$change){post{id ${PLAIN} authorId}}}`,
      variables: { id, change },
    }),
    tree: () => ({ query: `query{users(first:10,orderBy:[{id:ASC}]){nodes{id name ${BRANCHES.graphql}}}}`, variables: {} }),
    branch: (author) => ({ query: `query($author:UUID!){user(id:$author){id name ${BRANCHES.graphql}}}`, variables: { author } }),
  },
  postgraphile: {
    get: (id) => ({ query: `query($id:UUID!){post:postByRowId(rowId:$id){id:rowId ${PLAIN} authorId}}`, variables: { id } }),
    list: (author) => ({
      query:
        'query($author:UUID!){posts:allPosts(condition:{authorId:$author},orderBy:[CREATED_AT_DESC,PRIMARY_KEY_DESC],first:10)' +
        `{nodes{id:rowId ${PLAIN} author:userByAuthorId{id:rowId email:address ${USER}}} ${PAGE}}}`,
      variables: { author },
    }),
    create: (post, author) => ({
      query: `mutation($post:PostInput!){createPost(input:{post:$post}){post{id:rowId ${PLAIN} authorId}}}`,
      variables: { post: { ...post, authorId: author } },
    }),
    update: (id, change) => ({
      query:
        'mutation($id:UUID!,$change:PostPatch!){updatePost:updatePostByRowId(input:{rowId:$id,postPatch:$change})' +
        `{post{id:rowId ${PLAIN} authorId}}}`,
      variables: { id, change },
    }),
    tree: () => ({
      query: `query{users:allUsers(first:10,orderBy:[PRIMARY_KEY_ASC]){nodes{id:rowId name ${BRANCHES.postgraphile}}}}`,
      variables: {},
    }),
    branch: (author) => ({
      query: `query($author:UUID!){user:userByRowId(rowId:$author){id:rowId name ${BRANCHES.postgraphile}}}`,
      variables: { author },
    }),
  },
}

/** Makes a request of a document. */
export function posted(document: Document, caller: Caller | undefined): Request {
  return { method: 'POST', path: '/graphql', token: caller?.token ?? null, body: JSON.stringify(document) }
}
