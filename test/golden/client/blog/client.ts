// Made by `plinth client`. Changes are lost when it is made again.

import { connect, isApiErrorOf } from './runtime.ts'
import type {
  Auth,
  ClientOptions,
  CommonCode,
  Creatable,
  Deletable,
  DesignFacts,
  IsApiError,
  Listed,
  Many,
  One,
  Ordered,
  Readable,
  Registration,
  Sorted,
  Text,
  Through,
  Updatable,
} from './runtime.ts'

export { ApiError, cel, cookieTokens, memoryTokens, storedTokens } from './runtime.ts'
export type { Call, CallOptions, ClientOptions, Outcome, Page, Row, Rows, Tokens, TokenStore, Written } from './runtime.ts'

/** The codes of errors of blog. */
export type ErrorCode = CommonCode

/** A row of User. */
export interface User {
  id: string
  name: string
  /** Null where you may not see it. */
  email: string | null
  role: 'user' | 'moderator' | 'admin'
  createdAt: string
  updatedAt: string
  version: number
}

export interface UserCreate {
  name: string
  email: string
  /** Not every caller may set it. */
  password: string
  /** Not every caller may set it. */
  role?: 'user' | 'moderator' | 'admin'
}

export interface UserPatch {
  name?: string
  email?: string
  /** Not every caller may set it. */
  password?: string
  /** Not every caller may set it. */
  role?: 'user' | 'moderator' | 'admin'
}

export interface UserPut {
  name: string
  email: string
  /** Not every caller may set it. */
  password?: string
  /** Not every caller may set it. */
  role?: 'user' | 'moderator' | 'admin'
}

/** Conditions on rows of User. A row must satisfy all. */
export interface UserFilter {
  id?: Ordered<string>
  name?: Text
  email?: Text
  role?: Text<'user' | 'moderator' | 'admin'>
  createdAt?: Ordered<string | Date>
  updatedAt?: Ordered<string | Date>
  version?: Ordered<number>
}

/** What the client knows of User. */
export interface UserTypes {
  readonly id: string
  readonly row: User
  readonly create: UserCreate
  readonly patch: UserPatch
  readonly put: UserPut
  readonly filter: UserFilter
  readonly sort: Sorted<'id' | 'name' | 'email' | 'role' | 'createdAt' | 'updatedAt' | 'version'>
  readonly relations: { posts: Many<PostTypes> }
  readonly written: 'row'
}

/** A row of Post. */
export interface Post {
  id: string
  title: string
  body: string
  tags: string[]
  published: boolean
  author: string
  createdAt: string
  updatedAt: string
  version: number
}

export interface PostCreate {
  title: string
  body: string
  tags?: readonly string[]
  published?: boolean
}

export interface PostPatch {
  title?: string
  body?: string
  tags?: readonly string[]
  published?: boolean
}

export interface PostPut {
  title: string
  body: string
  tags?: readonly string[]
  published?: boolean
}

/** Conditions on rows of Post. A row must satisfy all. */
export interface PostFilter {
  id?: Ordered<string>
  title?: Text
  body?: Text
  tags?: Listed<string>
  published?: Ordered<boolean>
  author?: Ordered<string> | Through<UserFilter>
  createdAt?: Ordered<string | Date>
  updatedAt?: Ordered<string | Date>
  version?: Ordered<number>
}

/** What the client knows of Post. */
export interface PostTypes {
  readonly id: string
  readonly row: Post
  readonly create: PostCreate
  readonly patch: PostPatch
  readonly put: PostPut
  readonly filter: PostFilter
  readonly sort: Sorted<'id' | 'title' | 'body' | 'published' | 'author' | 'createdAt' | 'updatedAt' | 'version'>
  readonly relations: { author: One<UserTypes> }
  readonly written: 'part'
}

/** The rows of User. */
export interface UserRows extends Readable<UserTypes>, Creatable<UserTypes>, Updatable<UserTypes>, Deletable<UserTypes> {}

/** The rows of Post. */
export interface PostRows extends Readable<PostTypes>, Creatable<PostTypes>, Updatable<PostTypes>, Deletable<PostTypes> {}

/** The client of blog. */
export interface BlogClient {
  readonly users: UserRows
  readonly posts: PostRows
  readonly auth: Auth<UserTypes, { email: string; password: string }> & Registration<UserTypes>
}

const DESIGN = {
  base: '/api',
  scheme: 'Bearer',
  collections: { users: { path: 'users' }, posts: { path: 'posts' } },
  actions: {},
} as const satisfies DesignFacts

/** The client of blog. @param url where the backend is: `https://api.example.com`; empty for the origin of the page. */
export function createClient(url: string, options: ClientOptions = {}): BlogClient {
  return connect<BlogClient>(url, DESIGN, options)
}

/** Whether a caught value is an error of the API, with one of these codes if there are some. */
export const isApiError: IsApiError<ErrorCode> = isApiErrorOf
