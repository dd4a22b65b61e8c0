/** What a run about messages needs of its surroundings: a backend with workers, and receivers of what it sends. */

import type { MessageTools, ServedWork } from '../cases/message-case.ts'
import type { Stage } from './stage.ts'

/** A backend with workers. It serves after the first `serve`. */
export interface WorkStage
  extends Pick<Stage, 'ask' | 'databaseUrl' | 'tokenFor'>,
    Pick<MessageTools, 'mails' | 'posts' | 'answerPosts' | 'receiver' | 'canaries' | 'isGuarded' | 'crash'> {
  /** Makes the backend serve in a way; another process is started if the present one serves otherwise. */
  readonly serve: (as: ServedWork) => Promise<void>
}
