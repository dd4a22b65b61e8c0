/** The table of tools, in the order in which they are used. */

import { DELIVER } from './deliver.ts'
import { EXPLAIN } from './explain.ts'
import { IMPLEMENT } from './implement.ts'
import { PLAN } from './plan.ts'
import { QUERY } from './query.ts'
import { REVIEW } from './review.ts'
import { STATUS } from './status.ts'
import type { Tool } from './tool.ts'
import { VERIFY } from './verify.ts'

/** All tools. */
export const TOOLS: readonly Tool[] = [REVIEW, PLAN, IMPLEMENT, VERIFY, DELIVER, STATUS, EXPLAIN, QUERY]
