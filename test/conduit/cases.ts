/** All cases of the contract, in an order in which they may run one after the other on one implementation. */

import { CONTENT_CASES } from './cases-of-articles.ts'
import { TOKEN_CASES } from './cases-of-tokens.ts'
import { USER_CASES } from './cases-of-users.ts'
import { VALUE_CASES } from './cases-of-values.ts'
import type { Case } from './world.ts'

/** Every case. Each leaves the accounts and the article of the world as they were. */
export const CASES: readonly Case[] = [...USER_CASES, ...CONTENT_CASES, ...TOKEN_CASES, ...VALUE_CASES]
